"""Recordings, for those who look after the running: metadata, findings and states; never what a clinician reads."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked, recorded_action
from ekg import hiding
from ekg.models import Recording
from ekg.versions import key
from patients.registry import patient_for
from terminology.facilities import facility_words

CLINICAL = ("note", "narrative", "patient_name", "author_name")


@recorded_action(Action.EKG_CUSTODY_HIDDEN, _("Skjul for forældremyndighedsindehavere"))
def hide_from_custody(modeladmin: RecordedAdmin, request: HttpRequest, recording: Recording) -> None:
    _put(modeladmin, request, recording, Action.EKG_CUSTODY_HIDDEN, hidden=True)


@recorded_action(Action.EKG_CUSTODY_SHOWN, _("Vis igen for forældremyndighedsindehavere"))
def show_to_custody(modeladmin: RecordedAdmin, request: HttpRequest, recording: Recording) -> None:
    _put(modeladmin, request, recording, Action.EKG_CUSTODY_SHOWN, hidden=False)


def _put(
    modeladmin: RecordedAdmin, request: HttpRequest, recording: Recording, action: Action, *, hidden: bool
) -> None:
    """The other recordings of the document and its versions go along, each with a line of its own."""
    patient_for(recording.patient.cpr, lock=True)  # nothing becomes a version of it meanwhile
    for other in hiding.put(recording, hidden):
        if other.pk != recording.pk:
            modeladmin.note(request, action, other)


@admin.register(Recording)
class RecordingAdmin(RecordedAdmin):
    """One row a recording: what it is, where it came from, and how far it has come."""

    list_display = ["received_at", "cpr", "started", "organisation_name", "handling", "status", "preview", "sender"]
    list_filter = ["status", "handling", "preview", "hidden_from_custody"]
    list_select_related = ["patient", "sender"]
    ordering = ["-id"]  # the ids are in the order of time
    sortable_by = ()
    search_fields = ["id"]
    search_help_text = _("Optagelsens, leveringens eller borgerens id, eller dokumentets uniqueId")
    fields = (
        "id", "cpr", "delivery", "sender", "received_at", "document_id", "bundle_id", "entry_uuid", "names", "position",
        "content_sha256", "observation_identifier", "started", "ended", "composed_at", "organisation_name",
        "organisation_sor", "author_role", "facility", "practice_setting", "handling", "faults", "status", "replaces",
        "replaced_by", "replaced_at", "withdrawn_at", "pdf_sha256", "pdf_size", "pages",
        "speed", "gain", "printed_cpr_differs", "preview", "preview_attempts",
        "preview_next_try", "hidden_from_custody",
    )  # fmt: skip
    readonly_fields = fields
    actions = [hide_from_custody, show_to_custody]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        return super().get_queryset(request).select_related("patient", "sender", "delivery").defer(*CLINICAL)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        said = search_term.strip()
        if not said:
            return queryset, False
        named = Q(names__contains=[key(said)])
        try:
            one = uuid.UUID(said)
        except ValueError:
            return queryset.filter(named), False
        return queryset.filter(named | Q(pk=one) | Q(delivery=one) | Q(patient=one)), False

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, recording: Recording) -> str:
        return masked(recording.patient.cpr)

    @admin.display(description=_("enhedstype"))
    def facility(self, recording: Recording) -> str:
        return f"{recording.facility_type} {facility_words(recording.facility_type)}".strip()

    @admin.display(description=_("fund"))
    def faults(self, recording: Recording) -> str:
        rows = ((each["severity"], each["rule"], each["text"]) for each in recording.findings)
        return format_html_join("", "<p>{} · {}<br>{}</p>", rows) or "–"
