"""What the pages of a review have in common: who may see them, for which organisations, and that each is recorded."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from access import actors
from access.admin_cases import is_controller
from access.models import User
from audit.actions import Action
from audit.admin_base import RecordedAdmin
from reviews import scope
from reviews.marking import By
from reviews.models import Review

TEMPLATES = "admin/reviews/review"


class ScopedAdmin(RecordedAdmin):
    """Log controllers, with the reviews of the own unit and of all below it."""

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
        return gettext("%(open)s i gang") % {"open": waiting} if waiting else ""

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
