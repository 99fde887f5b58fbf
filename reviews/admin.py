"""The reviews, for log controllers in the administration; every list, look-up, mark and report is an event."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from access import actors
from access.admin_cases import is_controller
from access.models import User
from audit.actions import Action
from audit.admin_base import RecordedAdmin
from exports.paper import NotMade
from patients import registry
from reviews import drawing, marking, pages, report, scope, snapshot, weeks, worklist
from reviews.marking import By, Said
from reviews.models import Review
from reviews.worklist import Item

log = logging.getLogger(__name__)
TEMPLATES = "admin/reviews/review"


@admin.register(Review)
class ReviewAdmin(RecordedAdmin):
    """Draws for the units of the login; nothing here can be added, changed or deleted by Django's own forms."""

    viewed = Action.REVIEW_VIEWED
    list_display = ["name", "half_year", "number", "drawn", "drawn_by", "how_far"]
    list_display_links = ["name"]
    list_select_related = ["drawn_by"]
    ordering = ["-drawn"]
    sortable_by = ()

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def opens_to(self, request: HttpRequest) -> bool:
        return is_controller(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_controller(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_controller(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Those of the own unit and of all below it, as with the cases."""
        found = super().get_queryset(request).select_related("drawn_by", "closed_by")
        if (mine := scope.of(request.session)) is None:
            return found.none()
        return found.filter(organisation_system=mine.mine.system, organisation_id__in=mine.numbers)

    def on_index(self, request: HttpRequest) -> str:
        waiting = self.get_queryset(request).filter(closed=None).count()
        return say("%(open)s i gang") % {"open": waiting} if waiting else ""

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
            request, {"covers": covers, "unit": mine and mine.mine.name, "title": say("Gennemgange")}
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

    def lookup_view(self, request: HttpRequest, review: UUID, number: int) -> HttpResponse:
        """One look-up, with whom it was about; its form says what becomes of it."""
        return self._guard(
            request, lambda: self._lookup(request, review, number), Action.REVIEW_LOOKUP_VIEWED, str(review)
        )

    def cpr_view(self, request: HttpRequest, review: UUID, number: int) -> HttpResponse:
        """The same with the whole CPR number, which the record of treatment is asked by."""
        if request.method != "POST":
            return HttpResponseRedirect(pages.address(review, number))
        return self._guard(
            request,
            lambda: self._lookup(request, review, number, full_cpr=True),
            Action.REVIEW_LOOKUP_VIEWED,
            str(review),
            {"cpr": "whole"},
        )

    def _lookup(self, request: HttpRequest, key: UUID, number: int, full_cpr: bool = False) -> HttpResponse:
        review = self._review(request, str(key))
        item = worklist.one(review, number)
        if item is None or not review.is_ready:
            raise Http404
        fault = None
        if request.method == "POST" and not full_cpr:
            try:
                return self._mark(request, review, item, marking.posted(request.POST), request.POST.get("version"))
            except marking.Unmarkable as missing:
                fault = missing
        request.recorded_row, request.recorded_entity = item.lookup, str(item.lookup)  # type: ignore[attr-defined]
        patient = registry.by_id(item.lookup.patient_ref)
        told = pages.lookup(review, item, patient, request.POST if fault else {}, fault, full_cpr=full_cpr)
        title = _("Opslag %(number)s") % {"number": number}
        return self._page(request, "lookup.html", title, told, status=422 if fault else 200)

    # ── marks ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def mark_view(self, request: HttpRequest, review: UUID) -> HttpResponse:
        """Of a page of the list: one look-up at once, the rest of them after a question."""

        if request.method != "POST":
            return HttpResponseRedirect(pages.address(review))

        def answer() -> HttpResponse:
            found = self._review(request, str(review))
            if one := request.POST.get("gennemgaaet"):
                number, _dot, seen = one.partition(".")
                if (item := worklist.one(found, pages.number(number))) is None:
                    raise Http404
                return self._mark(request, found, item, marking.REVIEWED, seen)
            numbers = [pages.number(each) for each in request.POST.getlist("nummer")][: worklist.AT_ONCE]
            if "ja" not in request.POST:
                free = worklist.items(worklist.numbered(found, numbers))
                title = _("Er resten af siden gennemgået?")
                return self._page(request, "rest.html", title, pages.rest(found, free, request.POST))
            return self._mark_rest(request, found, numbers)

        return self._guard(request, answer, self.viewed, str(review))

    def _mark(self, request: HttpRequest, review: Review, item: Item, said: Said, seen: str | None) -> HttpResponse:
        """One look-up, as it was seen: `seen` is the version that the form has."""
        do = partial(marking.mark, review, item.lookup, pages.number(seen), said, self._by(request))
        return self._marked(request, review, do, item.lookup.number)

    def _mark_rest(self, request: HttpRequest, review: Review, numbers: list[int]) -> HttpResponse:
        def do() -> None:
            done = marking.mark_rest(review, numbers, self._by(request))
            if done < len(numbers):
                messages.warning(request, say("Nogle af dem var markeret af en anden i mellemtiden. Det står uændret."))

        return self._marked(request, review, do)

    def _marked(self, request: HttpRequest, review: Review, do: Callable[[], None], number: int = 0) -> HttpResponse:
        """Do it, and go back to where in the list it was done from; say so when somebody else came first."""
        back = pages.back(review, request.POST)
        try:
            do()
        except marking.Overtaken:
            sentence = say("En anden har markeret opslaget eller afsluttet gennemgangen, siden du hentede siden.")
            messages.error(request, f"{sentence} {say('Intet er ændret.')}")
            return HttpResponseRedirect(pages.address(review.pk, number) if number else back)
        return HttpResponseRedirect(f"{back}#opslag-{number}" if number else back)

    def close_view(self, request: HttpRequest, review: UUID) -> HttpResponse:
        """Close the review, once every look-up is marked."""

        if request.method != "POST":
            return HttpResponseRedirect(pages.address(review))

        def answer() -> HttpResponse:
            try:
                if marking.close(self._review(request, str(review)), self._by(request)):
                    messages.success(request, say("Gennemgangen er afsluttet. Du kan hente rapporten."))
                else:
                    messages.error(request, say("Gennemgangen kan ikke afsluttes, før alle opslag er markeret."))
            except marking.Overtaken:
                messages.error(request, say("Gennemgangen er allerede afsluttet."))
            return HttpResponseRedirect(pages.address(review))

        return self._guard(request, answer, Action.REVIEW_CLOSED, str(review))

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
            log.exception("review.report not made review=%s", review)
            messages.error(request, say("Rapporten kan ikke laves lige nu. Prøv igen om lidt."))
            return HttpResponseRedirect(pages.address(review))

    # ── what they have in common ────────────────────────────────────────────────────────────────────────────────────
    def _guard(
        self, request: HttpRequest, answer: Callable[[], HttpResponse], action: Action, key: str | None = None,
        extra: dict[str, str] | None = None,
    ) -> HttpResponse:  # fmt: skip
        def admitted() -> HttpResponse:
            if not is_controller(request):
                raise PermissionDenied
            return answer()

        return self._shown(request, admitted, action, key, extra)

    def _scope(self, request: HttpRequest) -> scope.Scope:
        if (mine := scope.of(request.session)) is None:
            raise PermissionDenied
        return mine

    def _review(self, request: HttpRequest, key: str) -> Review:
        found = self.get_object(request, key)
        if not isinstance(found, Review):
            raise Http404
        return found

    def _by(self, request: HttpRequest) -> By:
        if not isinstance(request.user, User):
            raise PermissionDenied
        return By(request.user, actors.of_user(request.user, request), actors.request_id(request))

    def _page(
        self, request: HttpRequest, template: str, title: Any, told: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **told}
        return TemplateResponse(request, f"{TEMPLATES}/{template}", context, status=status)

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
            return say("Afsluttet %(day)s") % {"day": f"{timezone.localtime(review.closed):%d.%m.%Y}"}
        return say("I gang") if review.is_ready else say("Listen samles")
