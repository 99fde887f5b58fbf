"""Custody and guardianship, and records that citizens open for another; who acts for whom at work is in the session."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_issuers"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareOf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "patient_name",
                    models.CharField(blank=True, max_length=300, verbose_name="barnets eller personens navn"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("custody", "Forældremyndighed"), ("guardian", "Værgemål")],
                        max_length=10,
                        verbose_name="art",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="gælder fra")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="gælder til og med")),
                ("source", models.CharField(max_length=100, verbose_name="kilde")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="oprettet")),
            ],
            options={
                "verbose_name": "forældremyndighed og værgemål",
                "verbose_name_plural": "forældremyndighed og værgemål",
            },
        ),
        migrations.RemoveConstraint(
            model_name="patientcontext",
            name="access_patientcontext_launched_or_own",
        ),
        migrations.RemoveConstraint(
            model_name="patientcontext",
            name="access_patientcontext_own_once",
        ),
        migrations.RemoveField(
            model_name="patientcontext",
            name="on_behalf_of",
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="audience",
            field=models.CharField(
                choices=[
                    ("clinician", "Autoriseret sundhedsperson"),
                    ("assistant", "Medhjælp"),
                    ("municipal", "Kommunalt plejepersonale"),
                    ("citizen", "Borger"),
                    ("custody", "Forældremyndighedsindehaver"),
                    ("guardian", "Værge"),
                    ("proxy", "Fuldmagtshaver"),
                    ("log-controller", "Logkontrollant"),
                    ("operator", "Drift"),
                ],
                max_length=20,
                verbose_name="rolle ved åbning",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientcontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("audience__in", ("citizen", "custody", "guardian", "proxy")),
                        ("client", None),
                        ("organisation_id", ""),
                        ("organisation_name", ""),
                        ("organisation_system", ""),
                        ("source", ""),
                    ),
                    models.Q(
                        models.Q(("audience__in", ("citizen", "custody", "guardian", "proxy")), _negated=True),
                        ("client__isnull", False),
                        ("organisation_id__gt", ""),
                        ("source__gt", ""),
                        ("organisation_system__in", ["sor", "ydernummer", "cvr"]),
                    ),
                    _connector="OR",
                ),
                name="access_patientcontext_launched_or_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientcontext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("audience__in", ("citizen", "custody", "guardian", "proxy")), ("closed_at", None)),
                fields=("session_key_hash", "patient", "audience"),
                name="access_patientcontext_own_once",
            ),
        ),
        migrations.AddField(
            model_name="careof",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
                verbose_name="forældremyndighedsindehaver eller værge",
            ),
        ),
        migrations.AddField(
            model_name="careof",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
                verbose_name="barn eller person under værgemål",
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.UniqueConstraint(
                fields=("holder", "patient", "kind", "valid_from"), name="access_careof_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.CheckConstraint(
                condition=models.Q(("holder", models.F("patient")), _negated=True), name="access_careof_of_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["custody", "guardian"])), name="access_careof_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="access_careof_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="access_careof_has_source"
            ),
        ),
    ]
