"""The administration as one site: Danish titles, recorded pages only, no door of its own."""

import functools
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.actions import Action
from audit.admin_base import RecordedAdmin
from audit.admin_event import actor_of, unrecorded
from audit.record import NotRecorded, Outcome, record


class RecordedAdminSite(AdminSite):
    """Refuses what would show or change something without an event."""

    site_title = _("Sundhedsjournal")
    site_header = _("Sundhedsjournal · administration")
    index_title = _("Administration")
    site_url = None
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Django's own pages (groups) are not recorded, so they are left out; ours must be."""
        models = model_or_iterable if isinstance(model_or_iterable, tuple | list) else [model_or_iterable]
        for model in models:
            if admin_class is not None and issubclass(admin_class, RecordedAdmin):
                super().register(model, admin_class, **options)
            elif not model.__module__.startswith("django."):
                raise ImproperlyConfigured(f"{model.__name__}: its admin class must be a RecordedAdmin.")

    def has_permission(self, request: HttpRequest) -> bool:
        """Those who look after the running, and whomever one of the pages is there for."""
        ours = (page for page in self._registry.values() if isinstance(page, RecordedAdmin))
        return super().has_permission(request) or any(page.opens_to(request) for page in ours)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Who may not come in is sent to sign in, with the path alone: a query may hold what somebody searched for."""
        shown = super().admin_view(view, cacheable)

        @functools.wraps(view)
        def asked(request: HttpRequest, *args: Any, **named: Any) -> Any:
            if self.has_permission(request) or request.path == reverse("admin:logout", current_app=self.name):
                return shown(request, *args, **named)
            return _or_503(lambda: self._to_sign_in(request))

        return asked

    def get_urls(self) -> list[Any]:
        """Without the way from a row to its page on the site: no row has one, and no event would tell of the look."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With what waits on each page; the menu of every other page stays without."""
        apps = self.get_app_list(request)
        for told in (model for app in apps for model in app["models"]):
            page = self._registry[told["model"]]
            if isinstance(page, RecordedAdmin) and (waits := page.on_index(request)):
                told["name"] = f"{told['name']} ({waits})"
        return super().index(request, {"app_list": apps, **(extra_context or {})})

    def _to_sign_in(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            record(
                Action.ACCESS_REFUSED,
                actor=actor_of(request),
                outcome=Outcome.MINOR,
                reason="administration",
                request_id=str(getattr(request, "request_id", "")),
            )
        return redirect_to_login(request.path, reverse("admin:login", current_app=self.name))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Who signs in, signs in at the house's own page: it counts failures and records them."""
        path = request.GET.get("next") or request.path
        return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': path})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        def leave() -> Any:
            record(Action.SIGNED_OUT, actor=actor_of(request), request_id=str(getattr(request, "request_id", "")))
            response = super(RecordedAdminSite, self).logout(request, extra_context)
            response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
            return response

        return _or_503(leave)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        def change() -> Any:
            with transaction.atomic():
                response = super(RecordedAdminSite, self).password_change(request, extra_context)
                if response.status_code == 302:
                    entity, told = f"User/{request.user.pk}", {"change": "password"}
                    record(Action.ADMIN_CHANGED, actor=actor_of(request), entity=entity, extra=told)
            return response

        return _or_503(change)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """A search that no event would tell of."""
        raise Http404


def _or_503(answer: Any) -> Any:
    try:
        return answer()
    except NotRecorded:
        return unrecorded()
