CREATE OR REPLACE FUNCTION pg_temp.werknemers() RETURNS integer LANGUAGE sql IMMUTABLE RETURN {employees};

CREATE OR REPLACE FUNCTION pg_temp.werkgevers() RETURNS integer LANGUAGE sql IMMUTABLE RETURN {employers};
