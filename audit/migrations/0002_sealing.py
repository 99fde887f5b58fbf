"""The tables of the seal, by hand like the log's own: the rules live in the database (ADR 0031)."""

from typing import Any

from django.db import migrations, models

FORWARDS = """
-- The transaction that wrote the row. Everything below a snapshot's xmin has ended, so whoever keeps the place up to
-- which it has read never misses a row, however late it was committed. Rows from before get this migration's own.
ALTER TABLE audit_event ADD COLUMN txid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX audit_event_txid ON audit_event (txid, id);
-- A time that no program can hold would stop whoever reads the row beside the others: it is refused where it is written.
ALTER TABLE audit_event ADD CONSTRAINT audit_event_moment
    CHECK (recorded >= '2000-01-01 00:00:00+00' AND recorded < '2200-01-01 00:00:00+00');

CREATE TABLE audit_leaf (
    leaf_index bigint      NOT NULL,
    event_id   uuid        NOT NULL,
    recorded   timestamptz NOT NULL,
    leaf_hash  bytea       NOT NULL,
    CONSTRAINT audit_leaf_pkey PRIMARY KEY (leaf_index),
    CONSTRAINT audit_leaf_event UNIQUE (event_id),
    CONSTRAINT audit_leaf_index CHECK (leaf_index >= 0),
    CONSTRAINT audit_leaf_hash CHECK (octet_length(leaf_hash) = 32)
);
CREATE TABLE audit_tile (
    level smallint NOT NULL,
    n     bigint   NOT NULL,
    bytes bytea    NOT NULL,
    CONSTRAINT audit_tile_pkey PRIMARY KEY (level, n),
    CONSTRAINT audit_tile_place CHECK (level BETWEEN 0 AND 7 AND n >= 0),
    CONSTRAINT audit_tile_full CHECK (octet_length(bytes) = 256 * 32)
);
CREATE TABLE audit_checkpoint (
    size      bigint      NOT NULL,
    root      bytea       NOT NULL,
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL,
    settled   bigint      NOT NULL,
    CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (size),
    CONSTRAINT audit_checkpoint_size CHECK (size > 0),
    CONSTRAINT audit_checkpoint_root CHECK (octet_length(root) = 32)
);
COMMENT ON COLUMN audit_checkpoint.settled IS 'every row of audit_event with a lower txid is in the tree';
-- Hashes do not compress.
ALTER TABLE audit_leaf ALTER COLUMN leaf_hash SET STORAGE PLAIN;
ALTER TABLE audit_tile ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE FUNCTION audit_seal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_leaf_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_tile_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_tile
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
CREATE TRIGGER audit_checkpoint_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse();
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit_leaf) OR EXISTS (SELECT FROM audit_checkpoint) THEN
        RAISE EXCEPTION 'the log is sealed: this migration is reversed on an empty tree only';
    END IF;
END
$$;
DROP TABLE audit_leaf, audit_tile, audit_checkpoint;
DROP FUNCTION audit_seal_refuse();
ALTER TABLE audit_event DROP CONSTRAINT audit_event_moment, DROP COLUMN txid;
"""


def table(
    name: str, table: str, fields: list[tuple[str, "models.Field[Any, Any]"]], one: str, many: str
) -> migrations.CreateModel:
    """The state of a table that nobody changes."""
    options = {"verbose_name": one, "verbose_name_plural": many, "db_table": table, "default_permissions": ("view",)}
    return migrations.CreateModel(name=name, fields=fields, options=options)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS, BACKWARDS)],
            state_operations=[
                migrations.AddField(
                    "auditevent", "txid", models.BigIntegerField(verbose_name="transaktion"), preserve_default=False
                ),
                migrations.AddIndex("auditevent", models.Index(fields=["txid", "id"], name="audit_event_txid")),
                table(
                    "AuditLeaf",
                    "audit_leaf",
                    [
                        ("leaf_index", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("event_id", models.UUIDField(unique=True, verbose_name="hændelse")),
                        ("recorded", models.DateTimeField(verbose_name="tidspunkt")),
                        ("leaf_hash", models.BinaryField()),
                    ],
                    "blad",
                    "blade",
                ),
                table(
                    "AuditTile",
                    "audit_tile",
                    [
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "level", "n", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("level", models.SmallIntegerField(verbose_name="niveau")),
                        ("n", models.BigIntegerField(verbose_name="nummer")),
                        ("bytes", models.BinaryField()),
                    ],
                    "flise",
                    "fliser",
                ),
                table(
                    "AuditCheckpoint",
                    "audit_checkpoint",
                    [
                        ("size", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="hændelser")),
                        ("root", models.BinaryField(verbose_name="rod")),
                        ("note", models.TextField(verbose_name="underskrevet note")),
                        ("signed_at", models.DateTimeField(verbose_name="underskrevet")),
                        ("settled", models.BigIntegerField(verbose_name="forseglet til transaktion")),
                    ],
                    "kontrolpunkt",
                    "kontrolpunkter",
                ),
            ],
        )
    ]
