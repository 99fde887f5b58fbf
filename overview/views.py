"""The overview: gate, query, render."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from access.gate import Grant, RecordRequest, opens_record
from access.refusals import Refusal
from audit.actions import Action
from overview import pages, queries

DOWN = Refusal(
    "database",
    503,
    gettext_lazy("Oversigten svarer ikke"),
    gettext_lazy("Oversigten svarer ikke lige nu. Vi ved ikke, hvad der findes i journalen."),
    gettext_lazy("Prøv igen om lidt."),
)


@opens_record(Action.OVERVIEW_VIEWED, when_down=DOWN)
def page(request: RecordRequest, grant: Grant) -> HttpResponse:
    """What is new, the newest EKG and the active municipal data, as far as this reader may see them."""
    found = queries.found(grant, timezone.localdate())
    request.audit_entity, request.audit_extra = found.entity, found.details
    return render(request, "overview/page.html", {"grant": grant} | pages.told(grant, found, timezone.now()))
