"""Who reads the log in the administration: for those who control it, and for nobody by Django's permissions alone."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit.actions import Action
from audit.admin_base import RecordedAdmin


class LogAdmin(RecordedAdmin):
    """The base of the log's own pages: to look at, never to change."""

    viewed, searched = Action.AUDIT_VIEWED, Action.AUDIT_SEARCHED

    def opens_to(self, request: HttpRequest) -> bool:
        return _reads(request) == "all"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who looks after the running reads codes and ids here, with Django's permission to it."""
        return self.opens_to(request) or (_reads(request) == "metadata" and super().has_view_permission(request, obj))


def _reads(request: HttpRequest) -> str:
    """all | metadata | anything else for nothing; what roles there are is not known here."""
    return str(import_string(settings.LOG_READERS)(request.user))
