"""The queue of what is owed to MinLog."""

from django.db import migrations, models

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM minlog_outbox) THEN
        RAISE EXCEPTION 'minlog_outbox holds rows: this migration is reversed on an empty table only';
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="MinLogRow",
            fields=[
                (
                    "event_id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False, verbose_name="hændelse"),
                ),
                ("recorded", models.DateTimeField(verbose_name="tidspunkt")),
                ("source", models.TextField(verbose_name="kilde")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "venter"),
                            ("sending", "er ved at blive sendt"),
                            ("acked", "registreret"),
                            ("suppressed", "registreres ikke af os"),
                            ("dead", "opgivet"),
                        ],
                        verbose_name="tilstand",
                    ),
                ),
                ("attempts", models.SmallIntegerField(db_default=0, default=0, verbose_name="forsøg")),
                ("since", models.DateTimeField(verbose_name="venter siden")),
                ("next_try", models.DateTimeField(verbose_name="næste forsøg")),
                ("reason", models.TextField(db_default="", default="", verbose_name="seneste årsag")),
                ("key_id", models.TextField(db_default="", default="", verbose_name="nøgle")),
                ("patient_cpr_enc", models.BinaryField(null=True)),
                ("payload_enc", models.BinaryField(null=True)),
                ("acked_at", models.DateTimeField(null=True, verbose_name="registreret")),
                ("ack_ref", models.TextField(db_default="", default="", verbose_name="MinLogs reference")),
            ],
            options={
                "verbose_name": "opslag til MinLog",
                "verbose_name_plural": "opslag til MinLog",
                "db_table": "minlog_outbox",
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "sending"])),
                        fields=["next_try"],
                        include=("state", "since"),
                        name="minlog_outbox_due",
                    ),
                    models.Index(condition=models.Q(("state", "dead")), fields=["since"], name="minlog_outbox_dead"),
                    models.Index(
                        condition=models.Q(("payload_enc__isnull", False), ("state", "acked")),
                        fields=["acked_at"],
                        name="minlog_outbox_wipe",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("acked_at", None),
                                ("state__in", ["pending", "sending", "dead"]),
                                ("key_id__gt", ""),
                                ("patient_cpr_enc__isnull", False),
                                ("payload_enc__isnull", False),
                            ),
                            models.Q(
                                ("acked_at", None),
                                ("state", "suppressed"),
                                ("key_id", ""),
                                ("patient_cpr_enc", None),
                                ("payload_enc", None),
                            ),
                            models.Q(
                                ("acked_at__isnull", False),
                                ("state", "acked"),
                                models.Q(
                                    models.Q(
                                        ("key_id__gt", ""),
                                        ("patient_cpr_enc__isnull", False),
                                        ("payload_enc__isnull", False),
                                    ),
                                    models.Q(("key_id", ""), ("patient_cpr_enc", None), ("payload_enc", None)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="minlog_outbox_whole",
                    )
                ],
            },
        ),
        migrations.RunSQL(migrations.RunSQL.noop, BACKWARDS),
    ]
