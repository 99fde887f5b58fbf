"""The pages of the EKG folder: gate, query, render."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.gate import Grant, RecordRequest, checks_record, opens_record
from access.matrix import Part
from access.refusals import Refusal
from audit.actions import Action
from audit.event import BESIDE
from ekg import comparing, opened, pages, queries

PDF_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""The viewers of Chromium 156 and Firefox 153 show the file under `sandbox` (docs/adr/0013-pages.md)."""

DOWN = Refusal(
    "database",
    503,
    gettext_lazy("EKG-deling svarer ikke"),
    gettext_lazy("EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er."),
    gettext_lazy("Prøv igen om lidt."),
)


@opens_record(Action.EKG_FOLDER_VIEWED, part=Part.EKG, when_down=DOWN)
def folder(request: RecordRequest, grant: Grant) -> HttpResponse:
    """The list, with its newest recording already open; or the two that were ticked in it."""
    picked = comparing.picked(request.GET.getlist("valgt"))
    if len(picked) == 2:
        return _compare(request, grant, comparing.newest_first(queries.recordings(grant, picked)))
    view = pages.seen_through(queries.folder(grant), grant.address("ekg:folder"), request.GET)
    view = replace(view, picked=frozenset(picked))
    newest = queries.recording(grant, view.rows[0].id) if view.rows else None
    return _page(request, grant, view, newest)


@opens_record(Action.EKG_RECORDING_VIEWED, part=Part.EKG, when_down=DOWN)
def recording(request: RecordRequest, grant: Grant, recording_id: UUID) -> HttpResponse:
    """One recording, or two beside each other (`?med=`): the whole page, or the pane alone when htmx asks."""
    if "med" in request.GET:
        both = dict.fromkeys((recording_id, comparing.asked_for(request.GET["med"])))
        return _compare(request, grant, queries.recordings(grant, list(both)))
    chosen, base = queries.recording(grant, recording_id), grant.address("ekg:folder")
    if request.htmx:
        kilde = pages.filtered(request.GET, [chosen.row])
        near = queries.near(grant, chosen.current, pages.FILTERS.get(kilde, tuple(queries.Source)))
        return _page(request, grant, pages.around(near, base, kilde), chosen)
    view = pages.seen_through(queries.folder(grant), base, request.GET, holding=[chosen.row])
    return _page(request, grant, view, chosen, reading=True)


@opens_record(Action.EKG_IMAGE_FETCHED, part=Part.EKG, kind="bytes", when_down=DOWN)
def page(request: RecordRequest, grant: Grant, recording_id: UUID, number: int, dpi: int) -> HttpResponse:
    """One page of the recording as the worker drew it; 202 while it draws what nobody has looked at so closely yet."""
    _names(request, recording_id)
    picture = queries.page_image(grant, recording_id, number, dpi, webp=_takes_webp(request))
    _names(request, recording_id, picture.printed_cpr_differs)
    if not picture.data:
        return HttpResponse(status=202, headers={"Retry-After": "1"})
    return HttpResponse(picture.data, content_type=f"image/{picture.format}", headers={"Vary": "Accept"})


@opens_record(Action.EKG_ORIGINAL_OPENED, part=Part.EKG, kind="bytes", when_down=DOWN)
def original(request: RecordRequest, grant: Grant, recording_id: UUID) -> HttpResponse:
    """The PDF exactly as the source sent it, under a name that says nothing of the citizen."""
    _names(request, recording_id)
    pdf, taken, differs = queries.original(grant, recording_id)
    _names(request, recording_id, differs)
    name = f'inline; filename="{pages.file_name(taken)}"'
    shown_as = {"Content-Disposition": name, "Content-Security-Policy": PDF_POLICY}
    return HttpResponse(pdf, content_type="application/pdf", headers=shown_as)


@checks_record(Part.EKG)
def news(request: RecordRequest, grant: Grant, version: int) -> HttpResponse:
    """204 while the folder is as the page shows it, then fixed words; asked every 25 seconds."""
    if queries.version(grant) == version:
        return HttpResponse(status=204)
    return render(request, "ekg/_news.html", {"grant": grant})


@checks_record(Part.EKG)
def ready(request: RecordRequest, grant: Grant, recording_id: UUID) -> HttpResponse:
    """204 while the worker draws, then an element that fetches the reading pane: that is what is recorded as seen."""
    if queries.preview(grant, recording_id) == "pending":
        return HttpResponse(status=204)
    url = comparing.beside(grant.address("ekg:folder"), recording_id, request.GET)
    return render(request, "ekg/_ready.html", {"grant": grant, "url": url})


def _names(request: RecordRequest, recording_id: UUID, differs: bool = False) -> None:
    """Say in the event which recording it is about, and when its sheet bears another CPR number."""
    request.audit_entity = f"Recording/{recording_id}"
    request.audit_extra = {"printed_cpr": "differs"} if differs else {}


def _takes_webp(request: RecordRequest) -> bool:
    """Only who says so by name: the browsers that know no WebP take "anything" too."""
    return any((said.main_type, said.sub_type) == ("image", "webp") for said in request.accepted_types)


def _page(
    request: RecordRequest, grant: Grant, view: pages.View, chosen: queries.Recording | None, *, reading: bool = False
) -> HttpResponse:
    """Render what was found, and tell the gate which recording that puts on the screen."""
    if chosen:
        _names(request, chosen.row.id, chosen.row.printed_cpr_differs)
    shown = opened.Opened(chosen, view, grant.banner) if chosen else None
    told = {"grant": grant, "view": view, "opened": shown, "reading": reading, "title": opened.title(shown)}
    told |= {"fetched": pages.clock(timezone.now()), "icons": static("icons.svg")}
    if request.htmx:
        return render(request, "ekg/_recording.html", told | {"fragment": True})
    return render(request, "ekg/folder.html", told | opened.listing(view, shown))


def _compare(request: RecordRequest, grant: Grant, found: Sequence[queries.Recording]) -> HttpResponse:
    """Render the two, and tell the gate that both are on the screen."""
    request.audit_action = Action.EKG_RECORDING_VIEWED
    _names(request, found[0].row.id, found[0].row.printed_cpr_differs)
    for other in found[1:]:
        differs = {f"{BESIDE}.printed_cpr": "differs"} if other.row.printed_cpr_differs else {}
        request.audit_extra |= {BESIDE: f"Recording/{other.row.id}"} | differs
    address = grant.address("ekg:folder")
    shown = comparing.comparison(found, queries.folder(grant), address, request.GET, grant.banner)
    told = {"grant": grant, "view": shown.view, "shown": shown, "title": _("Sammenlign EKG")}
    told |= {"fetched": pages.clock(timezone.now()), "icons": static("icons.svg"), "fragment": bool(request.htmx)}
    return render(request, "ekg/_compare.html" if request.htmx else "ekg/compare.html", told)
