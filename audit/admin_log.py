"""The base of the pages that show the log itself: who reads it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit.actions import Action
from audit.admin_base import RecordedAdmin
from audit.admin_paging import CappedPaginator


class LogAdmin(RecordedAdmin):
    """All of it is for those who control the log, and for nobody because of Django's permissions alone."""

    viewed, searched = Action.AUDIT_VIEWED, Action.AUDIT_SEARCHED
    paginator = CappedPaginator
    sortable_by = ()

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
