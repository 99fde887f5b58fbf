"""The table of events, by hand: Django knows no partitions, and the rules live in the database."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

FORWARDS = """
CREATE TABLE audit_event (
    id                 uuid        NOT NULL,
    recorded           timestamptz NOT NULL,
    action             text        NOT NULL,
    type               text        NOT NULL,
    subtype            text[]      NOT NULL,
    crud               varchar(1)  NOT NULL,
    outcome            smallint    NOT NULL,
    reason             text        NOT NULL,
    actor_kind         text        NOT NULL,
    actor_issuer       text        NOT NULL,
    actor_subject      text        NOT NULL,
    actor_ref          uuid,
    actor_role         text        NOT NULL,
    actor_organisation text        NOT NULL,
    actor_network      text        NOT NULL,
    patient_ref        uuid,
    entity             text        NOT NULL,
    context            text        NOT NULL,
    correlation        text        NOT NULL,
    purpose            text        NOT NULL,
    request_id         text        NOT NULL,
    salt               bytea       NOT NULL,
    event              jsonb       NOT NULL,
    CONSTRAINT audit_event_pkey PRIMARY KEY (id, recorded),
    CONSTRAINT audit_event_crud CHECK (crud IN ('C', 'R', 'U', 'D', 'E')),
    CONSTRAINT audit_event_outcome CHECK (outcome IN (0, 4, 8, 12)),
    CONSTRAINT audit_event_actor_kind CHECK (actor_kind IN ('user', 'sender', 'client', 'system', 'anonymous')),
    CONSTRAINT audit_event_salt CHECK (octet_length(salt) = 16)
) PARTITION BY RANGE (recorded);

CREATE INDEX audit_event_patient ON audit_event (patient_ref, recorded DESC);
CREATE INDEX audit_event_actor ON audit_event (actor_ref, recorded);
CREATE INDEX audit_event_context ON audit_event (context);
CREATE INDEX audit_event_recorded ON audit_event USING brin (recorded);

CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- The row trigger is cloned to every partition, whoever makes it; the statement triggers also refuse what meets no row,
-- and TRUNCATE. A partition gets its own statement trigger when it is made (audit/partitions.py).
CREATE TRIGGER audit_event_row BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_refuse();
CREATE TRIGGER audit_event_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse();

-- Smaller and at a tenth of the processor time, where the server was built with it.
DO $$
BEGIN
    ALTER TABLE audit_event ALTER COLUMN event SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

-- Takes what no month's partition takes, so that a forgotten one never costs an answer (audit_partitions alarms).
CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT;
CREATE TRIGGER audit_event_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse();
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit_event) THEN
        RAISE EXCEPTION 'audit_event holds events: this migration is reversed on an empty table only';
    END IF;
END
$$;
DROP TABLE audit_event;
DROP FUNCTION audit_event_refuse();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
            state_operations=[
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ("recorded", models.DateTimeField(verbose_name="tidspunkt")),
                        ("action", models.TextField(verbose_name="handling")),
                        ("type", models.TextField(verbose_name="type")),
                        (
                            "subtype",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(), size=None, verbose_name="undertyper"
                            ),
                        ),
                        ("crud", models.CharField(max_length=1, verbose_name="art")),
                        ("outcome", models.SmallIntegerField(verbose_name="udfald")),
                        ("reason", models.TextField(verbose_name="årsag")),
                        ("actor_kind", models.TextField(verbose_name="aktørens art")),
                        ("actor_issuer", models.TextField(verbose_name="udsteder")),
                        ("actor_subject", models.TextField(verbose_name="aktør")),
                        ("actor_ref", models.UUIDField(null=True, verbose_name="aktørens id")),
                        ("actor_role", models.TextField(verbose_name="rolle")),
                        ("actor_organisation", models.TextField(verbose_name="organisation")),
                        ("actor_network", models.TextField(verbose_name="netadresse")),
                        ("patient_ref", models.UUIDField(null=True, verbose_name="borger")),
                        ("entity", models.TextField(verbose_name="genstand")),
                        ("context", models.TextField(verbose_name="kontekst")),
                        ("correlation", models.TextField(verbose_name="korrelation")),
                        ("purpose", models.TextField(verbose_name="formål")),
                        ("request_id", models.TextField(verbose_name="forespørgsel")),
                        ("salt", models.BinaryField()),
                        ("event", models.JSONField(verbose_name="FHIR AuditEvent")),
                    ],
                    options={
                        "verbose_name": "hændelse",
                        "verbose_name_plural": "hændelser",
                        "db_table": "audit_event",
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["patient_ref", "-recorded"], name="audit_event_patient"),
                            models.Index(fields=["actor_ref", "recorded"], name="audit_event_actor"),
                            models.Index(fields=["context"], name="audit_event_context"),
                            django.contrib.postgres.indexes.BrinIndex(fields=["recorded"], name="audit_event_recorded"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("crud__in", ["C", "R", "U", "D", "E"])), name="audit_event_crud"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("outcome__in", [0, 4, 8, 12])), name="audit_event_outcome"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("actor_kind__in", ["user", "sender", "client", "system", "anonymous"])
                                ),
                                name="audit_event_actor_kind",
                            ),
                        ],
                    },
                ),
            ],
        )
    ]
