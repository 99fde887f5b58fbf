"""What holds months back from retention, and what retention has taken, by hand like the log's own (ADR 0033)."""

from django.db import migrations, models

FORWARDS = """
CREATE TABLE audit_hold (
    id     bigint      GENERATED ALWAYS AS IDENTITY,
    month  date        NOT NULL,
    held   boolean     NOT NULL,
    reason text        NOT NULL,
    set_by text        NOT NULL,
    at     timestamptz NOT NULL,
    CONSTRAINT audit_hold_pkey PRIMARY KEY (id),
    CONSTRAINT audit_hold_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT audit_hold_told CHECK (reason <> '' AND set_by <> '')
);
CREATE INDEX audit_hold_newest ON audit_hold (month, id);
CREATE TABLE audit_dropped (
    partition  text        NOT NULL,
    start      timestamptz NOT NULL,
    "end"      timestamptz NOT NULL,
    rows       bigint      NOT NULL,
    last_size  bigint      NOT NULL,
    dropped_at timestamptz NOT NULL,
    CONSTRAINT audit_dropped_pkey PRIMARY KEY (partition),
    CONSTRAINT audit_dropped_order CHECK (start < "end"),
    CONSTRAINT audit_dropped_rows CHECK (rows >= 0 AND rows <= last_size)
);
COMMENT ON TABLE audit_dropped IS 'the rows of [start, end) are gone by retention; their leaves stay';
CREATE TRIGGER audit_hold_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_hold
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_dropped_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_dropped
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit_hold) OR EXISTS (SELECT FROM audit_dropped) THEN
        RAISE EXCEPTION 'months are held or gone: this migration is reversed on empty tables only';
    END IF;
END
$$;
DROP TABLE audit_hold, audit_dropped;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_sealing")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
            state_operations=[
                migrations.CreateModel(
                    name="AuditHold",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("month", models.DateField(verbose_name="måned")),
                        ("held", models.BooleanField(verbose_name="bevares")),
                        ("reason", models.TextField(verbose_name="grund")),
                        ("set_by", models.TextField(verbose_name="bestemt af")),
                        ("at", models.DateTimeField(verbose_name="tidspunkt")),
                    ],
                    options={
                        "verbose_name": "bevaret måned",
                        "verbose_name_plural": "bevarede måneder",
                        "db_table": "audit_hold",
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="AuditDropped",
                    fields=[
                        ("partition", models.TextField(primary_key=True, serialize=False, verbose_name="partition")),
                        ("start", models.DateTimeField(verbose_name="fra")),
                        ("end", models.DateTimeField(verbose_name="til")),
                        ("rows", models.BigIntegerField(verbose_name="hændelser")),
                        ("last_size", models.BigIntegerField(verbose_name="seneste kontrolpunkt")),
                        ("dropped_at", models.DateTimeField(verbose_name="slettet")),
                    ],
                    options={
                        "verbose_name": "slettet måned",
                        "verbose_name_plural": "slettede måneder",
                        "db_table": "audit_dropped",
                        "default_permissions": ("view",),
                    },
                ),
            ],
        )
    ]
