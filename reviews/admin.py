"""The reviews, for log controllers in the administration; every list, look-up, mark and report is an event."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.admin_cases import is_controller
from audit.actions import Action
from exports.paper import NotMade
from reviews import drawing, pages, report, scope, snapshot, weeks
from reviews.admin_marks import MarkingAdmin
from reviews.models import Review

log = logging.getLogger(__name__)


@admin.register(Review)
class ReviewAdmin(MarkingAdmin):
    """Draws for the units of the login; nothing here can be added, changed or deleted by Django's own forms."""

    list_display = ["name", "half_year", "number", "drawn", "drawn_by", "how_far"]
    list_display_links = ["name"]
    list_select_related = ["drawn_by"]
    ordering = ["-drawn"]
    sortable_by = ()

    # ── where ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def get_urls(self) -> list[Any]:
        ours: dict[str, Any] = {
            "traek/": self.draw_view,
            "<uuid:review>/opslag/<int:number>/": self.lookup_view,
            "<uuid:review>/opslag/<int:number>/cpr/": self.cpr_view,
            "<uuid:review>/marker/": self.mark_view,
            "<uuid:review>/luk/": self.close_view,
            "<uuid:review>/rapport.pdf": self.report_view,
        }
        wrap: Callable[..., Any] = self.admin_site.admin_view
        named = [path(route, wrap(view), name=f"reviews_{view.__name__}") for route, view in ours.items()]
        return [*named, *super().get_urls()]

    # ── the list, and a draw ────────────────────────────────────────────────────────────────────────────────────────
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        mine = scope.of(request.session)
        covers = drawing.covers(mine.mine, timezone.now()) if mine and is_controller(request) else []
        return super().changelist_view(
            request, {"covers": covers, "unit": mine and mine.mine.name, "title": gettext("Gennemgange")}
        )

    def draw_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and the draw."""

        def answer() -> HttpResponse:
            mine = self._scope(request)
            if request.method != "POST":
                return self._page(request, "draw.html", _("Træk en uge"), pages.draw(mine, request.GET))
            unit, half = mine.unit(request.POST.get("organisation", "")), weeks.read(request.POST.get("halvaar", ""))
            if unit is None or half is None:
                raise PermissionDenied
            try:
                drawn = drawing.draw(unit, half, request.POST.get("grund", "").strip(), self._by(request))
            except drawing.CannotDraw as fault:
                told = pages.draw(mine, request.POST) | {"fault": str(fault)}
                return self._page(request, "draw.html", _("Træk en uge"), told, status=422)
            snapshot.take(drawn.pk)
            return HttpResponseRedirect(pages.address(drawn.pk))

        return self._guard(request, answer, self.viewed)

    # ── the work list ───────────────────────────────────────────────────────────────────────────────────────────────
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        def answer() -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET"])
            review = self._review(request, object_id or "")
            return self._page(request, "worklist.html", pages.title(review), pages.worklist_page(review, request.GET))

        shown, after = pages.asked(request.GET)
        return self._guard(request, answer, self.viewed, object_id, {"shown": shown or "all", "after": str(after)})

    def report_view(self, request: HttpRequest, review: UUID) -> HttpResponse:
        """The report on a closed review, as a tagged PDF."""

        def answer() -> HttpResponse:
            found = self._review(request, str(review))
            if not found.closed:
                raise Http404
            pdf = report.pdf(found, self._by(request).user)
            response = HttpResponse(pdf, content_type="application/pdf")
            response["Content-Disposition"] = f'attachment; filename="gennemgang-{weeks.named(found.week)}.pdf"'
            return response

        try:
            return self._guard(request, answer, Action.REVIEW_REPORT_FETCHED, str(review))
        except NotMade:
            log.error("review.report not made: %s", review)
            messages.error(request, gettext("Rapporten kan ikke laves lige nu. Prøv igen om lidt."))
            return HttpResponseRedirect(pages.address(review))

    # ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────
    @admin.display(description=_("uge"))
    def name(self, review: Review) -> str:
        return pages.title(review)

    @admin.display(description=_("halvår"))
    def half_year(self, review: Review) -> str:
        return pages.half_words(weeks.Half(review.year, review.half))

    @admin.display(description=_("tilstand"))
    def how_far(self, review: Review) -> str:
        if review.closed:
            return gettext("Afsluttet %(day)s") % {"day": f"{timezone.localtime(review.closed):%d.%m.%Y}"}
        return gettext("I gang") if review.is_ready else gettext("Listen samles")
