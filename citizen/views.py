"""The citizen's own pages: gate, query, render."""

from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy

from access.gate import Grant, RecordRequest, opens_record
from access.matrix import Part
from access.refusals import Refusal
from audit.actions import Action
from citizen import pages

DOWN = Refusal(
    "database",
    503,
    gettext_lazy("Loggen svarer ikke"),
    gettext_lazy("Loggen svarer ikke lige nu. Vi ved ikke, om nogen har set dine data."),
    gettext_lazy("Prøv igen om lidt."),
)


@opens_record(Action.LOG_VIEWED, part=Part.LOG, when_down=DOWN)
def log(request: RecordRequest, grant: Grant) -> HttpResponse:
    """Who has seen what of this citizen's data, when, where and why."""
    now = timezone.now()
    view = pages.seen_through(grant, request.path, request.GET, now)
    fetched = f"{timezone.localtime(now):%H.%M}"
    return render(
        request, "citizen/log.html", {"grant": grant, "view": view, "fetched": fetched, "icons": static("icons.svg")}
    )
