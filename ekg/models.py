"""The recordings we hold, and the images the worker drew of them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Recording(models.Model):
    """One EKG recording: one Observation of a document, with what the list and the reading pane show of it."""

    class Status(models.TextChoices):
        CURRENT = "current", _("gældende")
        REPLACED = "replaced", _("erstattet")
        WITHDRAWN = "withdrawn", _("trukket tilbage")

    class Shown(models.TextChoices):
        SHOW = "show", _("vises")
        DISCLAIMER = "disclaimer", _("vises med forbehold")
        ERROR = "error", _("kan ikke vises")

    class Preview(models.TextChoices):
        PENDING = "pending", _("venter")
        READY = "ready", _("klar")
        FAILED = "failed", _("mislykket")
        NONE = "none", _("ingen PDF")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("patients.Patient", models.PROTECT, db_index=False, verbose_name=_("borger"))
    delivery = models.ForeignKey("fhir.Delivery", models.PROTECT, verbose_name=_("levering"))
    sender = models.ForeignKey("fhir.Sender", models.PROTECT, db_index=False, verbose_name=_("afsender"))
    # Others that have delivered this very document: they too may say what becomes of it.
    also_sent_by = ArrayField(models.UUIDField(), verbose_name=_("også leveret af"), default=list, blank=True)

    # Identity (EKG.md §7). Identifiers longer than an index can hold are kept as their sha256, see versions.key.
    document_id = models.TextField(_("dokument-id"), blank=True)
    content_sha256 = models.CharField(_("indholdets sha256"), max_length=64)
    position = models.PositiveIntegerField(_("nummer i dokumentet"))
    bundle_id = models.TextField(_("bundle-id"), blank=True)
    entry_uuid = models.TextField("entryUUID", blank=True)
    # Every identifier that metadata may call the document by; it grows when the document is entered once more.
    names = ArrayField(models.TextField(), verbose_name=_("kaldes"), default=list, blank=True)
    observation_identifier = models.TextField(_("observations-id"), blank=True)

    # What the document says.
    started = models.DateTimeField(_("optaget"), null=True, blank=True)
    ended = models.DateTimeField(_("afsluttet"), null=True, blank=True)
    composed_at = models.DateTimeField(_("dokumentets dato"), null=True, blank=True)
    organisation_sor = models.TextField(_("SOR-nummer"), blank=True)
    organisation_name = models.TextField(_("organisation"), blank=True)
    author_name = models.TextField(_("forfatter"), blank=True)
    author_role = models.TextField(_("forfatterens rolle"), blank=True)
    patient_name = models.TextField(_("navn i dokumentet"), blank=True)
    note = models.TextField(_("kommentar"), blank=True)
    narrative = models.TextField(_("fortællende tekst"), blank=True)
    pdf_sha256 = models.CharField(_("PDF'ens sha256"), max_length=64, blank=True)
    pdf_size = models.PositiveIntegerField(_("PDF'ens størrelse"), default=0)
    pages = models.PositiveIntegerField(_("sider"), default=0)

    # What the reader made of it: [{"rule", "severity", "text"}], worst first.
    handling = models.CharField(_("håndtering"), max_length=10, choices=Shown)
    findings = models.JSONField(_("fund"), default=list, blank=True)

    # What the metadata says (codes of SNOMED CT, empty without metadata).
    facility_type = models.TextField(_("enhedstype"), blank=True)
    practice_setting = models.TextField(_("speciale"), blank=True)
    replaces = ArrayField(models.TextField(), verbose_name=_("erstatter"), default=list, blank=True)

    received_at = models.DateTimeField(_("modtaget"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CURRENT)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("erstattet af")
    )
    replaced_at = models.DateTimeField(_("erstattet"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("trukket tilbage"), null=True, blank=True)
    # The folder's version number when this row last changed; counted per patient under the patient's lock.
    change = models.PositiveBigIntegerField(_("ændring"))

    # A holder of custody sees nothing of it; true of every version of a document, or of none (ekg.hiding).
    hidden_from_custody = models.BooleanField(
        _("skjult for forældremyndighedsindehavere"), default=False, db_default=False
    )

    # What is printed on the pages, as far as they have a text layer (ekg.printed); empty for what it does not say.
    speed = models.DecimalField(_("mm/s"), max_digits=5, decimal_places=2, null=True, blank=True)
    gain = models.DecimalField(_("mm/mV"), max_digits=5, decimal_places=2, null=True, blank=True)
    # Whether the sheet bears another CPR number than the document; which one is written nowhere.
    printed_cpr_differs = models.BooleanField(_("andet CPR-nummer på arket"), default=False, db_default=False)

    preview = models.CharField(_("billeder"), max_length=10, choices=Preview)
    preview_attempts = models.PositiveSmallIntegerField(_("forsøg"), default=0)
    preview_next_try = models.DateTimeField(_("næste forsøg"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("EKG-optagelse"), _("EKG-optagelser")
        constraints = [
            models.UniqueConstraint(
                fields=["document_id", "content_sha256", "position"], name="ekg_recording_document_once"
            ),
            models.CheckConstraint(
                # A recording that was replaced and later withdrawn keeps the time of both.
                condition=(Q(status="current", replaced_at=None) | Q(status="replaced", replaced_at__isnull=False))
                & Q(withdrawn_at=None)
                | Q(status="withdrawn", withdrawn_at__isnull=False),
                name="ekg_recording_status_dated",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(replaced_at__isnull=False) & ~Q(replaced_by=F("id")),
                name="ekg_recording_successor_dated",
            ),
            models.CheckConstraint(
                condition=Q(pdf_sha256="", pdf_size=0, preview="none")
                | Q(pdf_sha256__regex=r"^[0-9a-f]{64}$", pdf_size__gt=0) & ~Q(preview="none"),
                name="ekg_recording_pdf_whole",
            ),
            models.CheckConstraint(
                condition=Q(preview="pending", preview_next_try__isnull=False)
                | ~Q(preview="pending") & Q(preview_next_try=None),
                name="ekg_recording_preview_dated",
            ),
            models.CheckConstraint(
                condition=Q(content_sha256__regex=r"^[0-9a-f]{64}$"), name="ekg_recording_content_hashed"
            ),
            models.CheckConstraint(
                condition=Q(handling__in=["show", "disclaimer", "error"]), name="ekg_recording_handling_known"
            ),
            models.CheckConstraint(
                condition=(Q(speed=None) | Q(speed__gt=0)) & (Q(gain=None) | Q(gain__gt=0)),
                name="ekg_recording_scale_positive",
            ),
        ]
        indexes = [
            models.Index("patient", Coalesce("started", "received_at").desc(), name="ekg_recording_folder"),
            GinIndex(fields=["names"], name="ekg_recording_names"),
            models.Index(fields=["preview_next_try"], name="ekg_recording_preview_due", condition=Q(preview="pending")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How the audit names this row."""
        return f"Recording/{self.pk}"


class PageImage(models.Model):
    """A picture of one page, made or wanted: its bytes lie in private storage under their sha256 once they are made."""

    class Format(models.TextChoices):
        PNG = "png", "PNG"
        WEBP = "webp", "WebP"
        JPEG = "jpeg", _("JPEG fra kilden")

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="images", db_index=False)
    number = models.PositiveIntegerField(_("side"))
    # 0 for a scan, which is shown as the source sent it whatever is asked for. The database's own defaults are what a
    # picture was before there were several: they serve who does not know the columns yet.
    dpi = models.PositiveSmallIntegerField(_("punkter pr. tomme"), db_default=150)
    format = models.CharField(_("format"), max_length=4, choices=Format, db_default=Format.PNG)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField("bytes", default=0)
    width = models.PositiveIntegerField(_("bredde"), default=0)
    height = models.PositiveIntegerField(_("højde"), default=0)
    width_mm = models.FloatField(_("bredde i mm"))
    height_mm = models.FloatField(_("højde i mm"))

    # A wanted picture is a task of the worker's: when it is due, until it is made or given up.
    attempts = models.PositiveSmallIntegerField(_("forsøg"), default=0, db_default=0)
    next_try = models.DateTimeField(_("næste forsøg"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("side"), _("sider")
        constraints = [
            models.UniqueConstraint(fields=["recording", "number", "dpi", "format"], name="ekg_pageimage_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="ekg_pageimage_number_from_one"),
            models.CheckConstraint(
                condition=Q(dpi__in=[75, 150, 300], format__in=["png", "webp"]) | Q(dpi=0, format="jpeg"),
                name="ekg_pageimage_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(sha256="", size=0, width=0, height=0)
                | Q(sha256__regex=r"^[0-9a-f]{64}$", size__gt=0, width__gt=0, height__gt=0, next_try=None),
                name="ekg_pageimage_whole",
            ),
            models.CheckConstraint(condition=Q(width_mm__gt=0, height_mm__gt=0), name="ekg_pageimage_on_paper"),
        ]
        indexes = [models.Index(fields=["next_try"], name="ekg_pageimage_due", condition=Q(next_try__isnull=False))]

    def __str__(self) -> str:
        return f"{self.recording_id}/{self.number}/{self.dpi}.{self.format}"
