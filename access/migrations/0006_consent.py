"""Blocks, overrides and the reasons for them; a block may be ended once, and nothing else happens to it."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION access_block_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended IS NULL AND to_jsonb(NEW) - 'ended' = to_jsonb(OLD) - 'ended' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a block is ended, never changed or deleted: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER access_block_kept BEFORE UPDATE OR DELETE ON access_block
    FOR EACH ROW EXECUTE FUNCTION access_block_refuse();
"""
BACKWARDS = "DROP TRIGGER access_block_kept ON access_block; DROP FUNCTION access_block_refuse();"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_cases"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "en bestemt person"),
                            ("organisation", "oplysninger fra et sted"),
                            ("period", "oplysninger fra en periode"),
                            ("all", "alle oplysninger"),
                        ],
                        max_length=12,
                        verbose_name="art",
                    ),
                ),
                ("issuer", models.CharField(blank=True, max_length=200, verbose_name="udsteder")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="id hos udstederen")),
                ("sor", models.CharField(blank=True, max_length=20, verbose_name="organisation (SOR)")),
                ("include_sub_units", models.BooleanField(default=False, verbose_name="også underliggende enheder")),
                ("data_from", models.DateField(blank=True, null=True, verbose_name="oplysninger fra")),
                ("data_to", models.DateField(blank=True, null=True, verbose_name="oplysninger til og med")),
                ("valid_from", models.DateTimeField(default=django.utils.timezone.now, verbose_name="gælder fra")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="gælder til")),
                ("created", models.DateTimeField(default=django.utils.timezone.now, verbose_name="oprettet")),
                ("ended", models.DateTimeField(blank=True, null=True, verbose_name="ophævet")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oprettet af",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                        verbose_name="borger",
                    ),
                ),
            ],
            options={
                "verbose_name": "spærring",
                "verbose_name_plural": "spærringer",
                "indexes": [
                    models.Index(condition=models.Q(("ended", None)), fields=["patient"], name="access_block_standing")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("issuer__gt", ""),
                                ("kind", "person"),
                                ("subject__gt", ""),
                                ("include_sub_units", False),
                                ("sor", ""),
                                ("data_from", None),
                                ("data_to", None),
                            ),
                            models.Q(
                                ("kind", "organisation"),
                                ("sor__regex", "^[0-9]{3,20}$"),
                                ("issuer", ""),
                                ("subject", ""),
                                ("data_from", None),
                                ("data_to", None),
                            ),
                            models.Q(
                                ("data_from__isnull", False),
                                ("kind", "period"),
                                ("issuer", ""),
                                ("subject", ""),
                                ("include_sub_units", False),
                                ("sor", ""),
                            ),
                            models.Q(
                                ("kind", "all"),
                                ("issuer", ""),
                                ("subject", ""),
                                ("include_sub_units", False),
                                ("sor", ""),
                                ("data_from", None),
                                ("data_to", None),
                            ),
                            _connector="OR",
                        ),
                        name="access_block_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("data_to", None), ("data_to__gte", models.F("data_from")), _connector="OR"),
                        name="access_block_period_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="access_block_valid_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended", None), ("ended__gte", models.F("created")), _connector="OR"),
                        name="access_block_ended_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("context", models.CharField(max_length=22, verbose_name="borgerkontekst")),
                ("role", models.CharField(max_length=20, verbose_name="rolle")),
                ("organisation", models.CharField(max_length=40, verbose_name="organisation")),
                ("correlation", models.CharField(max_length=40, verbose_name="korrelations-id")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("patient-consented", "Borgeren har givet samtykke"),
                            ("patient-unreachable", "Væsentligt hensyn til borgeren, som ikke kan kontaktes"),
                            ("public-interest", "Åbenbar almen interesse"),
                        ],
                        max_length=20,
                        verbose_name="grund",
                    ),
                ),
                ("started", models.DateTimeField(verbose_name="begyndt")),
                ("ends", models.DateTimeField(verbose_name="udløber")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="slut")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                        verbose_name="borger",
                    ),
                ),
                (
                    "reason",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="access.accessreason",
                        verbose_name="begrundelse",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="bruger",
                    ),
                ),
            ],
            options={
                "verbose_name": "værdispring",
                "verbose_name_plural": "værdispring",
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["ends"], name="access_override_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("context",), name="access_override_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("started"))), name="access_override_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            models.Q(("ended_at__gte", models.F("started")), ("ended_at__lte", models.F("ends"))),
                            _connector="OR",
                        ),
                        name="access_override_ended_within",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ground__in", ["patient-consented", "patient-unreachable", "public-interest"])
                        ),
                        name="access_override_ground_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
