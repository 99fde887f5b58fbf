"""The log, for those who control it: read only, month by month, and reading it is an event."""

import json
import uuid
from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit import partitions, trail
from audit.actions import WORDS, words
from audit.admin_checkpoint import AuditCheckpointAdmin
from audit.admin_log import LogAdmin
from audit.admin_minlog import MinLogAdmin
from audit.models import AuditCheckpoint, AuditDropped, AuditEvent, AuditHold

__all__ = ["AuditCheckpointAdmin", "AuditEventAdmin", "MinLogAdmin"]

admin.site.register(AuditCheckpoint, AuditCheckpointAdmin)
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
        start = chosen_month(self.value())
        return trail.between(queryset, start, chosen_month(f"{start + timedelta(days=31):%Y-%m}"))


class DayFilter(admin.SimpleListFilter):
    """A day of the month: what date_hierarchy does by reading the whole month."""

    title, parameter_name = _("dag"), "dag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        start = chosen_month(request.GET.get("maaned"))
        return [(str(day), f"{day}.{start:%m}") for day in range(1, monthrange(start.year, start.month)[1] + 1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if not (said := self.value()) or said not in dict(self.lookup_choices):
            return queryset
        day = chosen_month(request.GET.get("maaned")).replace(day=int(said), tzinfo=None)
        return trail.between(queryset, timezone.make_aware(day), timezone.make_aware(day + timedelta(days=1)))


def chosen_month(said: str | None) -> datetime:
    """The first instant, in local time, of the month written 2026-11; of this month when nothing is."""
    try:
        first = datetime.strptime(said, "%Y-%m") if said else timezone.localtime().replace(day=1, tzinfo=None)  # noqa: DTZ007
    except ValueError as error:
        raise IncorrectLookupParameters from error
    return timezone.make_aware(first.replace(hour=0, minute=0, second=0, microsecond=0))


def one_of(name: str, of: str, told: Any, values: Mapping[Any, Any]) -> type[admin.SimpleListFilter]:
    """A filter with fixed choices: Django's own would look for the values in every row."""

    class Filter(admin.SimpleListFilter):
        title, parameter_name = told, name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [(str(value), words) for value, words in values.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
            chosen = self.value()
            return queryset.filter(**{of: chosen}) if chosen in {str(value) for value in values} else queryset

    return Filter


@admin.register(AuditEvent)
class AuditEventAdmin(LogAdmin):
    """Codes and ids only: there are no names, CPR numbers or texts in the table to show."""

    list_display = ["time", "what", "who", "result", "patient_ref", "entity"]
    list_display_links = ["time"]
    list_filter = [
        MonthFilter,
        DayFilter,
        one_of("handling", "action", _("handling"), WORDS),
        one_of("udfald", "outcome", _("udfald"), {code: OUTCOMES[code] for code in (0, 4, 8)}),
        one_of("aktoer", "actor_kind", _("aktør"), ACTORS),
    ]
    ordering = ["-id"]  # the ids are in the order of time, and every partition has an index on them
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


@admin.register(AuditHold)
class AuditHoldAdmin(LogAdmin):
    """Every word on which months are held back from retention, the newest first; it is said by `audit_hold`."""

    list_display = ["month", "held", "reason", "set_by", "at"]
    ordering = ["-id"]
    fields = ("month", "held", "reason", "set_by", "at")
    readonly_fields = fields


@admin.register(AuditDropped)
class AuditDroppedAdmin(LogAdmin):
    """What retention has taken."""

    list_display = ["partition", "start", "end", "rows", "last_size", "dropped_at"]
    ordering = ["-start"]
    fields = ("partition", "start", "end", "rows", "last_size", "dropped_at")
    readonly_fields = fields
