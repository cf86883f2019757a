"""The database itself refuses to change or remove an audit event."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION control_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events can be added, never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER control_audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON control_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION control_audit_is_append_only();
ALTER TABLE control_auditevent ENABLE ALWAYS TRIGGER control_audit_is_append_only;
"""
BACKWARD = """
DROP TRIGGER control_audit_is_append_only ON control_auditevent;
DROP FUNCTION control_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("control", "0001_first")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
