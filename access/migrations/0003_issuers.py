"""Sign-in at identity providers: issuers, sign-ins under way, sessions that came of them; a launch in one row.

Launches live for minutes, so the old tables are dropped with what they hold.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_citizens"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("patients", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel(
            name="Launch",
        ),
        migrations.DeleteModel(
            name="LaunchTicket",
        ),
        migrations.CreateModel(
            name="IssuedSession",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="sessions.session",
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                ("sid", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Issuer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=200, verbose_name="udsteder")),
                ("name", models.CharField(max_length=100, verbose_name="navn")),
                (
                    "door",
                    models.CharField(
                        choices=[("k", "Personale"), ("borger", "Borgere")], max_length=10, verbose_name="dør"
                    ),
                ),
                ("client_id", models.CharField(max_length=200, verbose_name="vores klient-id")),
                ("algorithms", models.JSONField(verbose_name="signaturalgoritmer")),
                ("roles", models.JSONField(blank=True, default=list, verbose_name="roller")),
                ("acr_values", models.JSONField(verbose_name="sikringsniveauer")),
                (
                    "max_age",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="højeste alder for et login i sekunder"
                    ),
                ),
                ("launches", models.BooleanField(default=False, verbose_name="åbner journaler (SMART)")),
                ("fhir_base", models.CharField(blank=True, max_length=200, verbose_name="FHIR-server")),
                ("active", models.BooleanField(default=True, verbose_name="aktiv")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="oprettet")),
            ],
            options={
                "verbose_name": "loginudsteder",
                "verbose_name_plural": "loginudstedere",
            },
        ),
        migrations.CreateModel(
            name="Launch",
            fields=[
                ("id", models.CharField(editable=False, max_length=22, primary_key=True, serialize=False)),
                ("ticket_sha256", models.CharField(max_length=64, null=True, unique=True)),
                ("secret_sha256", models.CharField(blank=True, max_length=64)),
                ("user_issuer", models.CharField(max_length=200)),
                ("user_subject", models.CharField(max_length=200)),
                ("patient_name", models.CharField(blank=True, max_length=300)),
                (
                    "organisation_system",
                    models.CharField(
                        choices=[("sor", "SOR"), ("ydernummer", "Ydernummer"), ("cvr", "CVR")], max_length=10
                    ),
                ),
                ("organisation_id", models.CharField(max_length=20)),
                ("organisation_name", models.CharField(max_length=300)),
                ("correlation_id", models.CharField(max_length=40)),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField(db_index=True)),
                ("redeemed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LoginTransaction",
            fields=[
                ("state_sha256", models.CharField(editable=False, max_length=64, primary_key=True, serialize=False)),
                ("browser_sha256", models.CharField(max_length=64)),
                ("nonce", models.CharField(max_length=64)),
                ("verifier", models.CharField(max_length=128)),
                (
                    "door",
                    models.CharField(
                        choices=[
                            ("ticket", "Ticket"),
                            ("smart", "Smart"),
                            ("staff", "Staff"),
                            ("citizen", "Citizen"),
                            ("again", "Again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("smart_launch", models.CharField(blank=True, max_length=2000)),
                ("next_path", models.CharField(blank=True, max_length=500)),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="launchclient",
            name="shared_workstation",
            field=models.BooleanField(default=False, verbose_name="delte arbejdspladser"),
        ),
        migrations.AddField(
            model_name="user",
            name="authorised",
            field=models.BooleanField(default=False, verbose_name="autoriseret"),
        ),
        migrations.AddField(
            model_name="user",
            name="professional_cpr",
            field=models.CharField(blank=True, editable=False, max_length=10),
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
                    ("issuer", "brugeren loggede ud hos udstederen"),
                    ("operator", "lukket af driften"),
                    ("superseded", "afløst af en ny åbning"),
                    ("expired", "udløbet, og åbnet igen"),
                ],
                max_length=20,
                verbose_name="grund til lukning",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="patient",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
                verbose_name="borger",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("issuer", "patient"), name="access_user_patient_once"),
        ),
        migrations.AddField(
            model_name="issuer",
            name="launch_client",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.launchclient",
                verbose_name="åbner som",
            ),
        ),
        migrations.AddField(
            model_name="issuedsession",
            name="issuer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="access.issuer"),
        ),
        migrations.AddField(
            model_name="launch",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.launchclient"),
        ),
        migrations.AddField(
            model_name="launch",
            name="context",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.CASCADE, to="access.patientcontext"
            ),
        ),
        migrations.AddField(
            model_name="launch",
            name="patient",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="patients.patient"),
        ),
        migrations.AddField(
            model_name="logintransaction",
            name="issuer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="access.issuer"),
        ),
        migrations.AddField(
            model_name="logintransaction",
            name="launch",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="access.launch"),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.UniqueConstraint(fields=("issuer", "door"), name="access_issuer_once_a_door"),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.UniqueConstraint(fields=("issuer", "client_id"), name="access_issuer_client_once"),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("launches", True)), fields=("fhir_base",), name="access_issuer_fhir_base_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        models.F("algorithms"),
                        output_field=models.BooleanField(),
                        template="%(expressions)s <> '[]'::jsonb",
                    ),
                    models.Func(
                        models.F("algorithms"),
                        output_field=models.BooleanField(),
                        template='\'["ES256", "PS256", "RS256"]\'::jsonb @> %(expressions)s',
                    ),
                ),
                name="access_issuer_algorithms_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        models.F("acr_values"),
                        output_field=models.BooleanField(),
                        template="%(expressions)s <> '[]'::jsonb",
                    )
                ),
                name="access_issuer_acr_required",
            ),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        models.F("roles"),
                        output_field=models.BooleanField(),
                        template='\'["clinician", "assistant", "municipal", "log-controller"]\'::jsonb @> %(expressions)s',
                    ),
                    models.Q(("door", "k"), models.Q(("door", "borger"), ("roles", [])), _connector="OR"),
                ),
                name="access_issuer_roles_of_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="issuer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("launches", False),
                    models.Q(
                        ("door", "k"), ("fhir_base__gt", ""), ("launch_client__isnull", False), ("launches", True)
                    ),
                    _connector="OR",
                ),
                name="access_issuer_launches_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="issuedsession",
            index=models.Index(fields=["issuer", "subject"], name="access_issuedsession_subject"),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^[A-Za-z0-9_-]{22}$")), name="access_launch_id_opaque"
            ),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ticket_sha256", None), ("ticket_sha256__regex", "^[0-9a-f]{64}$"), _connector="OR"
                ),
                name="access_launch_ticket_hash_only",
            ),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("context", None),
                        ("redeemed_at", None),
                        ("secret_sha256", ""),
                        ("ticket_sha256__isnull", False),
                    ),
                    models.Q(("redeemed_at__isnull", False), ("secret_sha256__regex", "^[0-9a-f]{64}$")),
                    _connector="OR",
                ),
                name="access_launch_redeemed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires__gt", models.F("created"))), name="access_launch_expires_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="logintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("browser_sha256__regex", "^[0-9a-f]{64}$"), ("state_sha256__regex", "^[0-9a-f]{64}$")
                ),
                name="access_logintransaction_hash_only",
            ),
        ),
        migrations.AddConstraint(
            model_name="logintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at", None), ("used_at__lt", models.F("expires")), _connector="OR"),
                name="access_logintransaction_used_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="logintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("door", "ticket"), ("launch__isnull", False), ("smart_launch", "")),
                    models.Q(("door", "smart"), ("launch", None), ("smart_launch__gt", "")),
                    models.Q(("door__in", ["staff", "citizen", "again"]), ("launch", None), ("smart_launch", "")),
                    _connector="OR",
                ),
                name="access_logintransaction_door_whole",
            ),
        ),
    ]
