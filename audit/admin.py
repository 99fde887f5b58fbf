"""The log, for those who control it: read only, month by month, and reading it is an event."""

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit import partitions
from audit.actions import WORDS, Action, words
from audit.admin_base import RecordedAdmin
from audit.models import AuditEvent

if TYPE_CHECKING:
    EventPaginator = Paginator[AuditEvent]
else:
    EventPaginator = Paginator

OUTCOMES = {0: _("Lykkedes"), 4: _("Afvist"), 8: _("Fejlede"), 12: _("Fejlede")}
ACTORS = {
    "user": _("Bruger"),
    "sender": _("Afsender"),
    "client": _("Journalsystem"),
    "system": _("Systemet"),
    "anonymous": _("Ukendt"),
}


class MonthFilter(admin.SimpleListFilter):
    """One month at a time, this one first: a list over all of them would read every partition."""

    title, parameter_name = _("måned"), "maaned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        now = timezone.now()
        months = {partitions.month(one.start) for one in partitions.partitions(connection) if one.start <= now}
        return [(f"{start:%Y-%m}", f"{start:%m.%Y}") for start in sorted(months, reverse=True)][1:]

    def has_output(self) -> bool:
        return True  # Django would leave the filter out, and read every partition, while there is but one month

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Denne måned")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if request.GET.get("q", "").strip():
            return queryset  # a search goes through an index of every month
        start = partitions.month(timezone.now())
        if said := self.value():
            start = partitions.month(datetime.fromisoformat(f"{said}-01T00:00:00+00:00"))
        return queryset.filter(recorded__gte=start, recorded__lt=partitions.month(start, 1))


class ActionFilter(admin.SimpleListFilter):
    title, parameter_name = _("handling"), "handling"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(action.value, WORDS[action]) for action in Action]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class CappedPaginator(EventPaginator):
    """Counts to ten thousand: nobody turns so many pages, and counting a whole month is slow."""

    @cached_property
    def count(self) -> int:
        events: Any = self.object_list
        return int(events.order_by()[:10_000].count())


@admin.register(AuditEvent)
class AuditEventAdmin(RecordedAdmin):
    """Codes and ids only: there are no names, CPR numbers or texts in the table to show."""

    viewed, searched = Action.AUDIT_VIEWED, Action.AUDIT_SEARCHED
    list_display = ["time", "what", "who", "result", "patient_ref", "entity"]
    list_display_links = ["time"]
    list_filter = [MonthFilter, ActionFilter, "outcome", "actor_kind"]
    date_hierarchy = "recorded"
    ordering = ["-id"]  # the ids are in the order of time, and every partition has an index on them
    sortable_by = ()
    paginator = CappedPaginator
    search_fields = ["id"]
    search_help_text = _("Hændelsens, borgerens eller brugerens id, eller en konteksts id")
    fields = (
        "time", "what", "result", "reason", "who", "actor_role", "actor_organisation", "actor_network", "patient_ref",
        "entity", "context", "correlation", "purpose", "request_id", "pretty",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return super().get_queryset(request).defer("salt")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        said = search_term.strip()
        if not said:
            return queryset, False
        try:
            key = uuid.UUID(said)
        except ValueError:
            return queryset.filter(context=said), False
        return queryset.filter(Q(pk=key) | Q(patient_ref=key) | Q(actor_ref=key)), False

    @admin.display(description=_("tidspunkt"))
    def time(self, event: AuditEvent) -> str:
        return f"{timezone.localtime(event.recorded):%d.%m.%Y kl. %H.%M.%S}"

    @admin.display(description=_("handling"))
    def what(self, event: AuditEvent) -> str:
        return words(event.action)

    @admin.display(description=_("aktør"))
    def who(self, event: AuditEvent) -> str:
        return f"{ACTORS[event.actor_kind]} {event.actor_subject}".strip()

    @admin.display(description=_("udfald"))
    def result(self, event: AuditEvent) -> str:
        return f"{OUTCOMES[event.outcome]}" + (f" ({event.reason})" if event.reason else "")

    @admin.display(description="FHIR AuditEvent")
    def pretty(self, event: AuditEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.event, ensure_ascii=False, indent=2, sort_keys=True))
