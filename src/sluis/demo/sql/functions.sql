-- Chance without chance: every draw follows from the seed, a word that names the draw, and the number of a row.
-- The functions are inlined, and the hash of the word is computed once per statement.

CREATE OR REPLACE FUNCTION pg_temp.vandaag() RETURNS date LANGUAGE sql IMMUTABLE RETURN {today}::date;

-- First day of the history.
CREATE OR REPLACE FUNCTION pg_temp.begin_historie() RETURNS date LANGUAGE sql IMMUTABLE RETURN {history}::date;

CREATE OR REPLACE FUNCTION pg_temp.h(draw text, id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN hashint8extended(id, hashtextextended(draw, {seed}::bigint));

-- From 0 up to, not including, 1.
CREATE OR REPLACE FUNCTION pg_temp.u(draw text, id bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
    RETURN (pg_temp.h(draw, id) & 9007199254740991)::double precision / 9007199254740992;

-- From 0 up to, not including, `size`.
CREATE OR REPLACE FUNCTION pg_temp.n(draw text, id bigint, size integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN ((pg_temp.h(draw, id) & 9223372036854775807) % size)::integer;

CREATE OR REPLACE FUNCTION pg_temp.kies(draw text, id bigint, list text[]) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN list[1 + pg_temp.n(draw, id, cardinality(list))];

-- The same without the seed, for what a person or an address is: the data vault wipes it and brings it back.
CREATE OR REPLACE FUNCTION pg_temp.vast(draw text, id bigint, size integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN ((hashint8extended(id, hashtextextended(draw, 0)) & 9223372036854775807) % size)::integer;

CREATE OR REPLACE FUNCTION pg_temp.vast(draw text, id bigint, list text[]) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN list[1 + pg_temp.vast(draw, id, cardinality(list))];

-- A working day, not before the given one.
CREATE OR REPLACE FUNCTION pg_temp.werkdag(dag date) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN dag + CASE extract(isodow FROM dag) WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END;

-- The moment at which something was entered on a day, in office hours.
CREATE OR REPLACE FUNCTION pg_temp.moment(draw text, id bigint, dag date) RETURNS timestamp LANGUAGE sql IMMUTABLE
    RETURN dag + time '07:00' + pg_temp.n(draw, id, 36000000) * interval '1 millisecond';

-- The ninth digit that makes eight others pass the 11-proof; 10 means that there is none.
CREATE OR REPLACE FUNCTION pg_temp.elfproef(eight integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN (9 * (eight / 10000000) + 8 * (eight / 1000000 % 10) + 7 * (eight / 100000 % 10)
        + 6 * (eight / 10000 % 10) + 5 * (eight / 1000 % 10) + 4 * (eight / 100 % 10) + 3 * (eight / 10 % 10)
        + 2 * (eight % 10)) % 11;

-- Eight digits with their ninth. Of two neighbours, of which the first is even, at least one has a ninth digit.
CREATE OR REPLACE FUNCTION pg_temp.negen_cijfers(eight integer) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN pg_temp.elfproef(eight) < 10 THEN eight * 10::bigint + pg_temp.elfproef(eight)
                ELSE (eight + 1) * 10::bigint + pg_temp.elfproef(eight + 1) END::text;

-- A BSN that nobody should have: those that begin with 9999 are for tests. There are only some 9,000 of them, so
-- after the first 5,000 people the numbers go on downwards, where as far as is known none has been given out yet.
CREATE OR REPLACE FUNCTION pg_temp.bsn(id bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN pg_temp.negen_cijfers((99999998 - 2 * (id % 5000000))::integer);

-- Payroll tax number and trade register number, in the same way from the top of the range.
CREATE OR REPLACE FUNCTION pg_temp.loonheffingennummer(id bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN pg_temp.negen_cijfers((99000000 + 2 * (id % 400000))::integer) || 'L0' || (1 + id % 3);

CREATE OR REPLACE FUNCTION pg_temp.kvk_nummer(id bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN (99000000 + id % 1000000)::text;

-- An IBAN with right check digits at the bank ZZZZ, which does not exist (as digits 35353535; NL00 is 232100).
CREATE OR REPLACE FUNCTION pg_temp.iban(id bigint, variant integer) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN 'NL' || lpad((98 - ((353535350000000000 + 9900000000 + variant * 10000000 + id % 10000000) % 97 * 1000000
        + 232100) % 97)::text, 2, '0') || 'ZZZZ' || (9900000000 + variant * 10000000 + id % 10000000);

-- Easter Sunday (Gauss, for 1900 to 2099).
CREATE OR REPLACE FUNCTION pg_temp.paasdag(d integer, e integer, jaar integer) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN make_date(jaar, 3, 22) + d + e - CASE WHEN d + e = 35 OR (d = 28 AND e = 6 AND jaar % 19 > 10) THEN 7
        ELSE 0 END;

CREATE OR REPLACE FUNCTION pg_temp.pasen(jaar integer) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN pg_temp.paasdag((19 * (jaar % 19) + 24) % 30,
        (2 * (jaar % 4) + 4 * (jaar % 7) + 6 * ((19 * (jaar % 19) + 24) % 30) + 5) % 7, jaar);

-- A postal code of a town given as `name|number of its first area`; the last two characters are letters.
CREATE OR REPLACE FUNCTION pg_temp.postcode(id bigint, plaats text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN (split_part(plaats, '|', 2)::integer + pg_temp.vast('gebied', id, 30)) || ' '
        || chr(65 + pg_temp.vast('letter1', id, 26)) || chr(65 + pg_temp.vast('letter2', id, 26));

-- The number of an absence classification: three source systems for each kind of cause.
CREATE OR REPLACE FUNCTION pg_temp.classificatie(oorzaak integer, werkgever bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN 3 * (oorzaak - 1) + 1 + pg_temp.vast('bronsysteem', werkgever, 3);
