"""Reviews of a random week; what was drawn, what was copied from the log, and what was closed, stays as it is."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION reviews_review_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := ARRAY['days', 'size', 'closed', 'closed_by_id'];
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(OLD.closed, OLD.drawn) < now() - interval '5 years' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.closed IS NULL AND to_jsonb(NEW) - may = to_jsonb(OLD) - may THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a draw is never changed, and kept for five years: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER reviews_review_kept BEFORE UPDATE OR DELETE ON reviews_review
    FOR EACH ROW EXECUTE FUNCTION reviews_review_refuse();

CREATE FUNCTION reviews_lookup_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := ARRAY[
        'mark', 'question', 'text', 'outcome', 'answer', 'case', 'marked', 'marked_by_id', 'version'
    ];
    of reviews_review;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.number = 0 THEN
        RETURN NEW;  -- the week is still being copied
    END IF;
    SELECT * INTO of FROM reviews_review WHERE id = OLD.review_id;
    IF TG_OP = 'DELETE' AND coalesce(of.closed, of.drawn) < now() - interval '5 years' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND of.closed IS NULL AND to_jsonb(NEW) - may = to_jsonb(OLD) - may THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a look-up under review is marked, never changed, and not after the end: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER reviews_lookup_kept BEFORE UPDATE OR DELETE ON reviews_lookup
    FOR EACH ROW EXECUTE FUNCTION reviews_lookup_refuse();
"""
BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM reviews_review) THEN
        RAISE EXCEPTION 'weeks have been drawn: this migration is reversed on empty tables only';
    END IF;
END
$$;
DROP TRIGGER reviews_lookup_kept ON reviews_lookup; DROP FUNCTION reviews_lookup_refuse();
DROP TRIGGER reviews_review_kept ON reviews_review; DROP FUNCTION reviews_review_refuse();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "organisation_system",
                    models.CharField(
                        choices=[("sor", "SOR"), ("ydernummer", "Ydernummer"), ("cvr", "CVR")], max_length=10
                    ),
                ),
                ("organisation_id", models.CharField(max_length=20, verbose_name="organisationens nummer")),
                ("organisation_name", models.CharField(max_length=300, verbose_name="organisation")),
                ("year", models.PositiveSmallIntegerField(verbose_name="år")),
                ("half", models.PositiveSmallIntegerField(verbose_name="halvår")),
                ("number", models.PositiveSmallIntegerField(default=1, verbose_name="trækning")),
                ("why", models.TextField(blank=True, verbose_name="grund til ny trækning")),
                ("week", models.DateField(verbose_name="uge")),
                ("candidates", models.PositiveSmallIntegerField(verbose_name="trukket blandt")),
                ("drawn", models.DateTimeField(verbose_name="trukket")),
                ("days", models.PositiveSmallIntegerField(default=0, verbose_name="samlede dage")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="opslag")),
                ("closed", models.DateTimeField(null=True, verbose_name="afsluttet")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="afsluttet af",
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="trukket af",
                    ),
                ),
            ],
            options={
                "verbose_name": "gennemgang",
                "verbose_name_plural": "gennemgange",
            },
        ),
        migrations.CreateModel(
            name="LookUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(default=0)),
                ("event", models.UUIDField()),
                ("context", models.CharField(max_length=64)),
                ("actor_ref", models.UUIDField()),
                ("role", models.CharField(max_length=64)),
                ("organisation", models.CharField(max_length=40)),
                ("responsible", models.CharField(blank=True, max_length=200)),
                ("patient_ref", models.UUIDField()),
                ("begun", models.DateTimeField()),
                ("ended", models.DateTimeField()),
                ("seen", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("ground", models.CharField(blank=True, max_length=64)),
                (
                    "relation",
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
                        max_length=64,
                    ),
                ),
                ("override", models.BooleanField()),
                ("override_ground", models.CharField(blank=True, max_length=64)),
                (
                    "mark",
                    models.CharField(
                        blank=True,
                        choices=[("reviewed", "Gennemgået"), ("queried", "Spurgt")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "question",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no-relation", "Ingen kendt behandling på enheden"),
                            ("task", "Opgaven krævede ikke opslaget"),
                            ("known-person", "Borgeren er kollega, pårørende eller kendt person"),
                            ("override", "Værdispring uden tydelig grund"),
                            ("extent", "Flere opslag eller oplysninger, end der var brug for"),
                            ("other", "Andet"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("justified", "Besvaret: opslaget er begrundet"),
                            ("not-justified", "Besvaret: opslaget er ikke begrundet"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("answer", models.TextField(blank=True, default="")),
                ("case", models.UUIDField(null=True)),
                ("marked", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "marked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lookups",
                        to="reviews.review",
                    ),
                ),
            ],
            options={
                "verbose_name": "opslag",
                "verbose_name_plural": "opslag",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(condition=models.Q(("days__lt", 7)), fields=["drawn"], name="reviews_review_filling"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("organisation_system", "organisation_id", "year", "half", "number"),
                name="reviews_review_draw_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("candidates__gte", 1), ("days__lte", 7), ("half__in", [1, 2]), ("number__gte", 1)),
                name="reviews_review_numbers",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number", 1),
                    django.db.models.lookups.GreaterThanOrEqual(
                        django.db.models.functions.text.Length(django.db.models.functions.text.Trim("why")), 10
                    ),
                    _connector="OR",
                ),
                name="reviews_review_says_why_again",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed", None), ("closed_by", None)),
                    models.Q(("closed__isnull", False), ("closed_by__isnull", False), ("days", 7)),
                    _connector="OR",
                ),
                name="reviews_review_closed_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="lookup",
            index=models.Index(fields=["review", "number"], name="reviews_lookup_page"),
        ),
        migrations.AddIndex(
            model_name="lookup",
            index=models.Index(
                condition=models.Q(("mark", "")), fields=["review", "number"], name="reviews_lookup_unmarked"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookup",
            constraint=models.UniqueConstraint(fields=("review", "context"), name="reviews_lookup_once"),
        ),
        migrations.AddConstraint(
            model_name="lookup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", ""),
                        ("case", None),
                        ("mark", ""),
                        ("marked", None),
                        ("outcome", ""),
                        ("question", ""),
                        ("text", ""),
                    ),
                    models.Q(
                        ("answer", ""),
                        ("case", None),
                        ("mark", "reviewed"),
                        ("marked__isnull", False),
                        ("outcome", ""),
                        ("question", ""),
                        ("text", ""),
                    ),
                    models.Q(
                        ("mark", "queried"),
                        ("marked__isnull", False),
                        ("question__gt", ""),
                        django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length(django.db.models.functions.text.Trim("text")), 10
                        ),
                        models.Q(
                            models.Q(("answer", ""), ("case__isnull", False), ("outcome", "")),
                            models.Q(
                                ("case", None),
                                ("outcome__gt", ""),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length(
                                        django.db.models.functions.text.Trim("answer")
                                    ),
                                    10,
                                ),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="reviews_lookup_mark_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("marked", None), ("marked_by", None)),
                    models.Q(("marked__isnull", False), ("marked_by__isnull", False), ("number__gt", 0)),
                    _connector="OR",
                ),
                name="reviews_lookup_marked_by_somebody",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
