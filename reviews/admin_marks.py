"""One look-up, and what is said of it: from its own page, from the list, or of the rest of a page."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.actions import Action
from patients import registry
from reviews import marking, pages, worklist
from reviews.admin_scoped import ScopedAdmin
from reviews.marking import Said
from reviews.models import Review
from reviews.worklist import Item


class MarkingAdmin(ScopedAdmin):
    """Nothing changes by an address; who comes second changes nothing, and is told."""

    viewed = Action.REVIEW_VIEWED

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
                sentence = gettext("En anden har markeret nogle af dem i mellemtiden. De er ikke ændret.")
                messages.warning(request, sentence)

        return self._marked(request, review, do)

    def _marked(self, request: HttpRequest, review: Review, do: Callable[[], None], number: int = 0) -> HttpResponse:
        """Do it, and go back to where in the list it was done from; say so when somebody else came first."""
        back = pages.back(review, request.POST)
        try:
            do()
        except marking.Overtaken:
            sentence = gettext("En anden har markeret opslaget eller afsluttet gennemgangen i mellemtiden.")
        except marking.Unmarkable as settled:
            sentence = settled.sentence
        else:
            return HttpResponseRedirect(f"{back}#opslag-{number}" if number else back)
        unchanged = gettext("Intet er ændret.")
        messages.error(request, f"{sentence} {unchanged}")
        return HttpResponseRedirect(pages.address(review.pk, number) if number else back)

    def close_view(self, request: HttpRequest, review: UUID) -> HttpResponse:
        """Close the review, once every look-up is marked."""

        if request.method != "POST":
            return HttpResponseRedirect(pages.address(review))

        def answer() -> HttpResponse:
            try:
                if marking.close(self._review(request, str(review)), self._by(request)):
                    messages.success(request, gettext("Gennemgangen er afsluttet. Du kan hente rapporten."))
                else:
                    messages.error(request, gettext("Gennemgangen kan ikke afsluttes, før alle opslag er markeret."))
            except marking.Overtaken:
                messages.error(request, gettext("Gennemgangen er allerede afsluttet."))
            return HttpResponseRedirect(pages.address(review))

        return self._guard(request, answer, Action.REVIEW_CLOSED, str(review))
