"""Recordings on paper and as a file: gate, query, render."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone

from access.gate import Grant, RecordRequest, checks_record, opens_record
from access.matrix import Part
from audit.actions import Action
from audit.event import BESIDE
from ekg import comparing, copies, copying, pages, queries
from ekg.opened import Opened
from ekg.views import DOWN

FULL = "fuldt"
"""`cpr=`: the whole number is asked for, and the event says so."""


@opens_record(Action.EKG_PRINTED, part=Part.EKG, when_down=DOWN)
def printed(request: RecordRequest, grant: Grant, recording_id: UUID) -> HttpResponse:
    """A recording, or two that are compared (`?med=`), on sheets of A4: what is on them is what the event says."""
    other = [comparing.asked_for(request.GET["med"])] if "med" in request.GET else []
    found = queries.recordings(grant, list(dict.fromkeys((recording_id, *other))))
    opened = _opened(request, grant, found)
    full = request.GET.get("cpr") == FULL
    told = {"copies": copies.numbered(opened, timezone.now(), full), "full_cpr": full, "other": other}
    return render(request, "ekg/print.html", told | _page(grant, opened))


@opens_record(Action.EKG_PDF_ASKED, methods=("POST",), atomic=True, part=Part.EKG, when_down=DOWN)
def ask_pdf(request: RecordRequest, grant: Grant, recording_id: UUID) -> HttpResponse:
    """Ask for the file; its own page says how far it is."""
    (opened,) = _opened(request, grant, [queries.recording(grant, recording_id)])
    try:
        made = copying.ask(grant, opened, request.POST.get("cpr") == FULL)
    except copying.TooMany:
        return render(request, "ekg/print_pdf.html", {"state": "many"} | _page(grant, [opened]), status=429)
    return HttpResponseRedirect(grant.address("ekg:pdf", recording_id=recording_id, export_id=made), status=303)


@opens_record(Action.EKG_PDF_AWAITED, part=Part.EKG, when_down=DOWN)
def pdf(request: RecordRequest, grant: Grant, recording_id: UUID, export_id: UUID) -> HttpResponse:
    """How far the file is."""
    opened = _opened(request, grant, [queries.recording(grant, recording_id)])
    told = {"state": copying.state(grant, recording_id, export_id), "export_id": export_id}
    return render(request, "ekg/print_pdf.html", told | _page(grant, opened))


@checks_record(Part.EKG)
def pdf_ready(request: RecordRequest, grant: Grant, recording_id: UUID, export_id: UUID) -> HttpResponse:
    """204 while it is being made, then what the page says about it."""
    queries.preview(grant, recording_id)
    state = copying.state(grant, recording_id, export_id)
    if state == "pending":
        return HttpResponse(status=204)
    told = {"grant": grant, "state": state, "recording_id": recording_id, "export_id": export_id}
    return render(request, "ekg/_print_state.html", told | {"icons": static("icons.svg")})


@opens_record(Action.EKG_PDF_FETCHED, part=Part.EKG, kind="bytes", when_down=DOWN)
def pdf_file(request: RecordRequest, grant: Grant, recording_id: UUID, export_id: UUID) -> HttpResponse:
    """The file, unless the recording is blocked or withdrawn by now."""
    found = queries.recording(grant, recording_id)
    _opened(request, grant, [found])
    shown_as = {"Content-Disposition": f'attachment; filename="{pages.file_name(found.row.started)}"'}
    shown_as |= {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
    made = copying.take(grant, recording_id, export_id)
    return HttpResponse(made, content_type="application/pdf", headers=shown_as)


def _opened(request: RecordRequest, grant: Grant, found: Sequence[queries.Recording]) -> list[Opened]:
    """The recordings in their folder, named in the event."""
    full = FULL in (request.GET.get("cpr"), request.POST.get("cpr"))
    told = {"cpr": "full"} if full else {}
    for name, each in zip(("", f"{BESIDE}."), found, strict=False):
        told |= {f"{name}printed_cpr": "differs"} if each.row.printed_cpr_differs else {}
    if len(found) > 1:
        told |= {BESIDE: f"Recording/{found[1].row.id}"}
    request.audit_entity, request.audit_extra = f"Recording/{found[0].row.id}", told
    view = pages.seen_through(queries.folder(grant), grant.address("ekg:folder"), request.GET)
    return [Opened(each, view, grant.banner) for each in found]


def _page(grant: Grant, opened: Sequence[Opened]) -> dict[str, object]:
    """What every page of the record says."""
    told = {"grant": grant, "view": opened[0].view, "opened": opened[0], "recording_id": opened[0].row.id}
    return told | {"fetched": pages.clock(timezone.now()), "icons": static("icons.svg")}
