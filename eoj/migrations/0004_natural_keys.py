"""Versions under their natural key and without foreign keys; what stands is worked out when somebody looks."""

import django.db.models.deletion
from django.db import migrations, models

COLUMNS = (
    "patient_id, sor, type, resource_id, report_id, profile, effective, reported, invalid, state, code, area, recorded,"
    " ended, level, refs, detail, digest"
)
ASIDE = """
ALTER TABLE eoj_version RENAME TO eoj_version_before;
ALTER INDEX eoj_version_pkey RENAME TO eoj_version_before_pkey;
"""
BACK = f"""
INSERT INTO eoj_version ({COLUMNS}) SELECT {COLUMNS} FROM eoj_version_before;
DROP TABLE eoj_version_before;
"""  # noqa: S608 the names are the constant above


def loose(to: str, name: str) -> "models.ForeignKey[object]":
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        to=to,
        verbose_name=name,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("eoj", "0003_gateway"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel("Standing"),
        migrations.RunSQL(ASIDE),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Version")]),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "patient_id",
                        "sor",
                        "type",
                        "resource_id",
                        "report_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("patient", loose("patients.patient", "borger")),
                ("sor", models.CharField(max_length=20, verbose_name="organisation (SOR)")),
                ("type", models.CharField(max_length=20, verbose_name="ressource")),
                ("resource_id", models.CharField(max_length=64, verbose_name="ressourcens id")),
                ("report", loose("eoj.report", "rapport")),
                ("profile", models.CharField(max_length=64, verbose_name="profil")),
                ("effective", models.DateTimeField(verbose_name="gældende fra")),
                ("reported", models.DateTimeField(verbose_name="rapporteret")),
                ("invalid", models.BooleanField(verbose_name="fejlregistreret")),
                ("state", models.CharField(max_length=24, verbose_name="tilstand")),
                ("code", models.CharField(blank=True, max_length=36, verbose_name="kode")),
                ("area", models.CharField(blank=True, max_length=16, verbose_name="lovområde")),
                ("recorded", models.CharField(blank=True, max_length=35, verbose_name="oprettet")),
                ("ended", models.CharField(blank=True, max_length=35, verbose_name="slut")),
                ("level", models.SmallIntegerField(null=True, verbose_name="niveau")),
                ("refs", models.JSONField(default=list, verbose_name="henvisninger")),
                ("detail", models.JSONField(default=dict, verbose_name="øvrigt")),
                ("digest", models.CharField(max_length=64, verbose_name="sha256")),
            ],
            options={"verbose_name": "version", "verbose_name_plural": "versioner"},
        ),
        migrations.RunSQL(BACK),
    ]
