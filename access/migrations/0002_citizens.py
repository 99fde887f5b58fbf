"""Citizens: users who are one patient each, and records that no system launched."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="patient",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
                verbose_name="borger",
            ),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="audience",
            field=models.CharField(
                choices=[
                    ("clinician", "Autoriseret sundhedsperson"),
                    ("assistant", "Medhjælp"),
                    ("municipal", "Kommunalt plejepersonale"),
                    ("log-controller", "Logkontrollant"),
                    ("operator", "Drift"),
                    ("citizen", "Borger"),
                ],
                max_length=20,
                verbose_name="rolle ved åbning",
            ),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="client",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.launchclient"
            ),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="closed_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("user", "lukket af brugeren"),
                    ("signed-out", "brugeren loggede ud"),
                    ("signed-in-again", "nyt login i samme browser"),
                    ("session-ended", "sessionen udløb"),
                    ("epj", "lukket af journalsystemet"),
                    ("operator", "lukket af driften"),
                    ("superseded", "afløst af en ny åbning"),
                    ("expired", "udløbet, og åbnet igen"),
                ],
                max_length=20,
                verbose_name="grund til lukning",
            ),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="organisation_id",
            field=models.CharField(blank=True, max_length=20, verbose_name="organisation"),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="organisation_name",
            field=models.CharField(blank=True, max_length=300, verbose_name="organisationens navn"),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="organisation_system",
            field=models.CharField(
                blank=True, choices=[("sor", "SOR"), ("ydernummer", "Ydernummer"), ("cvr", "CVR")], max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="patientcontext",
            name="source",
            field=models.CharField(blank=True, max_length=100, verbose_name="åbnet fra"),
        ),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("clinician", "Autoriseret sundhedsperson"),
                    ("assistant", "Medhjælp"),
                    ("municipal", "Kommunalt plejepersonale"),
                    ("log-controller", "Logkontrollant"),
                    ("operator", "Drift"),
                    ("citizen", "Borger"),
                ],
                default="clinician",
                max_length=20,
                verbose_name="rolle",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientcontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("audience", "citizen"),
                        ("client", None),
                        ("organisation_id", ""),
                        ("organisation_name", ""),
                        ("organisation_system", ""),
                        ("source", ""),
                    ),
                    models.Q(
                        models.Q(("audience", "citizen"), _negated=True),
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
                condition=models.Q(("audience", "citizen"), ("closed_at", None)),
                fields=("session_key_hash", "patient"),
                name="access_patientcontext_own_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("is_staff", False), ("is_superuser", False), ("patient__isnull", False), ("role", "citizen")
                    ),
                    models.Q(models.Q(("role", "citizen"), _negated=True), ("patient", None)),
                    _connector="OR",
                ),
                name="access_user_citizen_is_a_patient",
            ),
        ),
    ]
