"""Treatment relations, the reasons people write, and the cases of the log controllers."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_relatives"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessReason",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("context", models.CharField(max_length=22, verbose_name="kontekst")),
                (
                    "kind",
                    models.CharField(
                        choices=[("opening", "åbning"), ("override", "værdispring")], max_length=10, verbose_name="art"
                    ),
                ),
                ("ground", models.CharField(max_length=32, verbose_name="grund")),
                ("text", models.TextField(blank=True, verbose_name="begrundelse")),
                ("created", models.DateTimeField(db_index=True, verbose_name="oprettet")),
            ],
            options={
                "verbose_name": "begrundelse",
                "verbose_name_plural": "begrundelser",
            },
        ),
        migrations.CreateModel(
            name="Case",
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
                            ("override", "Værdispring"),
                            ("relation-follow-up", "Behandlingsrelation følges op"),
                            ("relation-notification", "Behandlingsrelation ikke fundet"),
                            ("relation-unverified", "Behandlingsrelation ikke kontrolleret"),
                            ("manual-lookup", "Opslag på CPR-nummer"),
                        ],
                        max_length=24,
                        verbose_name="art",
                    ),
                ),
                ("context", models.CharField(max_length=22, verbose_name="kontekst")),
                (
                    "organisation_system",
                    models.CharField(
                        choices=[("sor", "SOR"), ("ydernummer", "Ydernummer"), ("cvr", "CVR")], max_length=10
                    ),
                ),
                ("organisation_id", models.CharField(max_length=20, verbose_name="organisation")),
                ("organisation_name", models.CharField(blank=True, max_length=300, verbose_name="enhed")),
                ("event", models.UUIDField(verbose_name="hændelse i loggen")),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A+", "A+ direkte"),
                            ("A", "A samme tid og sted"),
                            ("B+", "B+ samme sted"),
                            ("B", "B generel"),
                            ("C", "C historisk"),
                            ("D", "D kan ikke afklares nu"),
                            ("E", "E kan ikke afklares"),
                            ("unverified", "ikke kontrolleret"),
                        ],
                        max_length=12,
                        verbose_name="niveau",
                    ),
                ),
                ("ground", models.CharField(blank=True, max_length=32, verbose_name="grund")),
                ("created", models.DateTimeField(verbose_name="oprettet")),
                ("due", models.DateTimeField(verbose_name="frist")),
                ("next_try", models.DateTimeField(null=True, verbose_name="spørges igen")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "åben"), ("closed", "lukket")],
                        default="open",
                        max_length=6,
                        verbose_name="tilstand",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Behandlingsrelationen er fundet"),
                            ("not-confirmed", "Behandlingsrelationen blev ikke fundet inden fristen"),
                            ("justified", "Gennemgået: opslaget er begrundet"),
                            ("not-justified", "Gennemgået: opslaget er ikke begrundet"),
                            ("awaits-answer", "Afventer svar fra den, der slog op"),
                        ],
                        max_length=20,
                        verbose_name="udfald",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="lukket")),
            ],
            options={
                "verbose_name": "sag",
                "verbose_name_plural": "sager",
            },
        ),
        migrations.CreateModel(
            name="RelationAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("session_key_hash", models.CharField(max_length=64)),
                (
                    "organisation_system",
                    models.CharField(
                        choices=[("sor", "SOR"), ("ydernummer", "Ydernummer"), ("cvr", "CVR")], max_length=10
                    ),
                ),
                ("organisation_id", models.CharField(max_length=20)),
                ("correlation_id", models.CharField(max_length=40)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("A+", "A+ direkte"),
                            ("A", "A samme tid og sted"),
                            ("B+", "B+ samme sted"),
                            ("B", "B generel"),
                            ("C", "C historisk"),
                            ("D", "D kan ikke afklares nu"),
                            ("E", "E kan ikke afklares"),
                            ("unverified", "ikke kontrolleret"),
                        ],
                        max_length=12,
                    ),
                ),
                ("evidence", models.CharField(max_length=40)),
                ("reference", models.UUIDField(null=True)),
                ("followed_up", models.BooleanField()),
                ("asked", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RelationInbox",
            fields=[
                ("id", models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("offset", models.PositiveBigIntegerField(default=0)),
                ("next_try", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RelationNotification",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("reference", models.UUIDField()),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("A+", "A+ direkte"),
                            ("A", "A samme tid og sted"),
                            ("B+", "B+ samme sted"),
                            ("B", "B generel"),
                            ("C", "C historisk"),
                            ("D", "D kan ikke afklares nu"),
                            ("E", "E kan ikke afklares"),
                            ("unverified", "ikke kontrolleret"),
                        ],
                        max_length=12,
                    ),
                ),
                ("received", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="patientcontext",
            name="access_patientcontext_launched_or_own",
        ),
        migrations.AddField(
            model_name="launchclient",
            name="asks_purpose",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Systemet oplyser ikke selv formålet, så brugeren bliver spurgt ved hver åbning.",
                verbose_name="spørg om formålet",
            ),
        ),
        migrations.AddField(
            model_name="launchclient",
            name="unvouched",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text='En åbning herfra er ikke i sig selv tegn på en behandlingsrelation. "*" betyder alle enheder.',
                verbose_name="enheder uden behandlingsrelation ved åbning",
            ),
        ),
        migrations.AddField(
            model_name="patientcontext",
            name="ground",
            field=models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="oplyst grund"),
        ),
        migrations.AddField(
            model_name="patientcontext",
            name="relation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("A+", "A+ direkte"),
                    ("A", "A samme tid og sted"),
                    ("B+", "B+ samme sted"),
                    ("B", "B generel"),
                    ("C", "C historisk"),
                    ("D", "D kan ikke afklares nu"),
                    ("E", "E kan ikke afklares"),
                    ("unverified", "ikke kontrolleret"),
                ],
                db_default="",
                default="",
                max_length=12,
                verbose_name="behandlingsrelation",
            ),
        ),
        migrations.AddField(
            model_name="patientcontext",
            name="relation_reference",
            field=models.UUIDField(null=True, verbose_name="reference for behandlingsrelation"),
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
                        models.Q(
                            models.Q(("client__isnull", False), ("source__gt", "")),
                            models.Q(("client", None), ("source", "manual")),
                            _connector="OR",
                        ),
                        ("organisation_id__gt", ""),
                        ("organisation_system__in", ["sor", "ydernummer", "cvr"]),
                    ),
                    _connector="OR",
                ),
                name="access_patientcontext_launched_or_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="patientcontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("relation", ""),
                    ("relation__in", ["A+", "A", "B+", "B", "C", "D", "E", "unverified"]),
                    _connector="OR",
                ),
                name="access_patientcontext_relation_known",
            ),
        ),
        migrations.AddIndex(
            model_name="accessreason",
            index=models.Index(fields=["context"], name="access_accessreason_context"),
        ),
        migrations.AddConstraint(
            model_name="accessreason",
            constraint=models.CheckConstraint(
                condition=models.Q(("ground__regex", "^[a-z][a-z0-9-]{0,31}$")), name="access_accessreason_ground_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "opening"),
                    models.Q(
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length(django.db.models.functions.text.Trim("text")), 10
                        ),
                        ("kind", "override"),
                    ),
                    _connector="OR",
                ),
                name="access_accessreason_override_told",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="closed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="lukket af",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
                verbose_name="borger",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="reason",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="access.accessreason",
                verbose_name="begrundelse",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="bruger",
            ),
        ),
        migrations.AddField(
            model_name="relationanswer",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="relationanswer",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="relationinbox",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="access_relationinbox_one"),
        ),
        migrations.AddConstraint(
            model_name="relationnotification",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["A+", "A", "B+", "B", "C", "D", "E", "unverified"])),
                name="access_notification_level_known",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "-created"], name="access_case_list"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["event"], name="access_case_event"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("next_try__isnull", False)), fields=["next_try"], name="access_case_next_try"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("kind", "event"), name="access_case_once"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at", None),
                        ("closed_by", None),
                        ("outcome__in", ["", "awaits-answer"]),
                        ("state", "open"),
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("state", "closed"),
                        ("outcome__in", ["confirmed", "not-confirmed", "justified", "not-justified"]),
                    ),
                    _connector="OR",
                ),
                name="access_case_closed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["", "awaits-answer", "confirmed", "not-confirmed"]),
                    ("closed_by__isnull", False),
                    _connector="OR",
                ),
                name="access_case_judged_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("next_try", None), ("state", "open"), _connector="OR"),
                name="access_case_asked_while_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("due__gt", models.F("created"))), name="access_case_due_later"
            ),
        ),
        migrations.AddIndex(
            model_name="relationanswer",
            index=models.Index(
                condition=models.Q(("used_at", None)), fields=["session_key_hash"], name="access_answer_session_unused"
            ),
        ),
        migrations.AddConstraint(
            model_name="relationanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("session_key_hash__regex", "^[0-9a-f]{64}$")), name="access_answer_session_hash"
            ),
        ),
        migrations.AddConstraint(
            model_name="relationanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["A+", "A", "B+", "B", "C", "D", "E", "unverified"])),
                name="access_answer_level_known",
            ),
        ),
    ]
