"""A random week of an organisation under review, and its look-ups as the log had them: plain values, as in the log.

The database lets nobody draw again over a draw, change a look-up, or mark one once the review is closed (see the
migration).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from access.models import OrganisationSystem, User
from access.models.contexts import LEVELS
from access.reasons import SHORTEST

DAYS = 7


class Review(models.Model):
    """One draw: which week, of how many, by whom, and how far the review of it has come."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(_("organisationens nummer"), max_length=20)
    organisation_name = models.CharField(_("organisation"), max_length=300)
    year = models.PositiveSmallIntegerField(_("år"))
    half = models.PositiveSmallIntegerField(_("halvår"))
    number = models.PositiveSmallIntegerField(_("trækning"), default=1)
    """Among the draws of this half-year: all but the first say why there is another."""
    why = models.TextField(_("grund til ny trækning"), blank=True)
    week = models.DateField(_("uge"))
    """Its Monday."""
    candidates = models.PositiveSmallIntegerField(_("trukket blandt"))
    drawn = models.DateTimeField(_("trukket"))
    drawn_by = models.ForeignKey(User, verbose_name=_("trukket af"), on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("samlede dage"), default=0)
    """How many days of the week have been copied from the log; marking begins when all have."""
    size = models.PositiveIntegerField(_("opslag"), default=0)
    closed = models.DateTimeField(_("afsluttet"), null=True)
    closed_by = models.ForeignKey(
        User, verbose_name=_("afsluttet af"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("gennemgang"), _("gennemgange")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_system", "organisation_id", "year", "half", "number"],
                name="reviews_review_draw_once",
            ),
            models.CheckConstraint(
                condition=models.Q(half__in=[1, 2], number__gte=1, candidates__gte=1, days__lte=DAYS),
                name="reviews_review_numbers",
            ),
            models.CheckConstraint(
                condition=models.Q(number=1) | models.Q(GreaterThanOrEqual(Length(Trim("why")), SHORTEST)),
                name="reviews_review_says_why_again",
            ),
            models.CheckConstraint(
                condition=models.Q(closed=None, closed_by=None)
                | models.Q(closed__isnull=False, closed_by__isnull=False, days=DAYS),
                name="reviews_review_closed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["drawn"], name="reviews_review_filling", condition=models.Q(days__lt=DAYS)),
        ]

    def __str__(self) -> str:
        return f"Review/{self.pk}"

    @property
    def is_ready(self) -> bool:
        return self.days == DAYS


class LookUp(models.Model):
    """One look-up in the week: what the log says of it, and what a log controller says of it."""

    class Mark(models.TextChoices):
        REVIEWED = "reviewed", _("Gennemgået")
        QUERIED = "queried", _("Spurgt")

    class Question(models.TextChoices):
        NO_RELATION = "no-relation", _("Ingen kendt behandling på enheden")
        TASK = "task", _("Opgaven krævede ikke opslaget")
        KNOWN_PERSON = "known-person", _("Borgeren er kollega, pårørende eller kendt person")
        OVERRIDE = "override", _("Værdispring uden tydelig grund")
        EXTENT = "extent", _("Flere opslag eller oplysninger, end der var brug for")
        OTHER = "other", _("Andet")

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified", _("Besvaret: opslaget er begrundet")
        NOT_JUSTIFIED = "not-justified", _("Besvaret: opslaget er ikke begrundet")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="lookups", db_index=False)
    number = models.PositiveIntegerField(default=0)
    """From 1 on, in the order of time, once the whole week is copied."""
    event = models.UUIDField()
    """The first line of the log about it."""
    context = models.CharField(max_length=64)
    actor_ref = models.UUIDField()
    role = models.CharField(max_length=64)
    organisation = models.CharField(max_length=40)
    responsible = models.CharField(max_length=200, blank=True)
    """On whose behalf: a subject of the same issuer."""
    patient_ref = models.UUIDField()
    begun = models.DateTimeField()
    ended = models.DateTimeField()
    seen = ArrayField(models.TextField())
    """Each action with what it was about: "ekg_recording.viewed Recording/<uuid>"."""
    ground = models.CharField(max_length=64, blank=True)
    relation = models.CharField(max_length=64, blank=True, choices=LEVELS)
    override = models.BooleanField()
    override_ground = models.CharField(max_length=64, blank=True)

    mark = models.CharField(max_length=10, choices=Mark.choices, blank=True, default="")
    question = models.CharField(max_length=20, choices=Question.choices, blank=True, default="")
    text = models.TextField(blank=True, default="")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    case = models.UUIDField(null=True)
    """Where the answer is waited for (access.cases)."""
    marked = models.DateTimeField(null=True)
    marked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=0)
    """Counts the marks: whoever marks says which one was seen, so that two never overwrite each other unawares."""

    class Meta:
        verbose_name, verbose_name_plural = _("opslag"), _("opslag")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["review", "context"], name="reviews_lookup_once"),
            models.CheckConstraint(
                condition=models.Q(mark="", question="", text="", outcome="", answer="", case=None, marked=None)
                | models.Q(
                    mark="reviewed", question="", text="", outcome="", answer="", case=None, marked__isnull=False
                )
                | (
                    models.Q(mark="queried", question__gt="", marked__isnull=False)
                    & models.Q(GreaterThanOrEqual(Length(Trim("text")), SHORTEST))
                    & (
                        models.Q(outcome="", answer="", case__isnull=False)
                        | (
                            models.Q(outcome__gt="", case=None)
                            & models.Q(GreaterThanOrEqual(Length(Trim("answer")), SHORTEST))
                        )
                    )
                ),
                name="reviews_lookup_mark_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(marked=None, marked_by=None)
                | models.Q(marked__isnull=False, marked_by__isnull=False, number__gt=0),
                name="reviews_lookup_marked_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["review", "number"], name="reviews_lookup_page"),
            models.Index(fields=["review", "number"], name="reviews_lookup_unmarked", condition=models.Q(mark="")),
        ]

    def __str__(self) -> str:
        return f"ReviewLookUp/{self.pk}"
