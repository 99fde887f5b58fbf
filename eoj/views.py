"""The page of municipal data: gate, query, render."""

from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy

from access.gate import Grant, RecordRequest, opens_record
from access.matrix import Part
from access.refusals import Refusal
from audit.actions import Action
from eoj import pages, queries, timeline, wording
from terminology.registry import current

DOWN = Refusal(
    "database",
    503,
    gettext_lazy("Kommunale data svarer ikke"),
    gettext_lazy("Kommunale data svarer ikke lige nu. Vi ved ikke, om der findes oplysninger."),
    gettext_lazy("Prøv igen om lidt."),
)


@opens_record(Action.EOJ_VIEWED, part=Part.MUNICIPAL, when_down=DOWN)
def care(request: RecordRequest, grant: Grant) -> HttpResponse:
    """All conditions and interventions that this looker may see, as lists or as a timeline."""
    today = timezone.localdate()
    found = queries.care(grant, today)
    view = pages.seen_through(found, current(), request.path, request.GET, today)
    now = timezone.now()
    told = {
        "grant": grant,
        "view": view,
        "municipalities": [(each.name, wording.reported(each.reported)) for each in found.municipalities.values()],
        "empty": not found.entries,
        "withheld": wording.withheld(found.withheld),
        "since": wording.since(found.seen) if found.seen and view.new else "",
        "timeline": timeline.drawn(view.entries, found, today) if view.timeline and view.entries else None,
        "fetched": wording.clock(now),
        "fetched_on": wording.reported(now),
        "icons": static("icons.svg"),
    }
    return render(request, "eoj/care.html", told)
