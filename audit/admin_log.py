"""The base of the pages that show the log itself: who reads it, and how it is counted."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from audit.actions import Action
from audit.admin_base import RecordedAdmin

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class CappedPaginator(AnyPaginator):
    """Counts to ten thousand: nobody turns so many pages, and counting a whole month is slow."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:10_000].count())


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
