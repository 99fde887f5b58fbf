"""The law policy and the gateways, which administrators keep, and the reports as they came: never what they say."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import Action
from audit.admin_base import RecordedAdmin, recorded_action
from eoj.models import Gateway, LawPolicy, Report
from eoj.pulling import next_due


@admin.register(LawPolicy)
class LawPolicyAdmin(RecordedAdmin):
    """Who may see which law area, since when, and on what basis. A row is ended, not deleted."""

    allows = frozenset({"add", "change"})
    list_display = ["audience", "area", "leave", "valid_from", "valid_to"]
    list_filter = ["audience", "area"]
    ordering = ["audience", "area", "valid_from"]


@admin.register(Report)
class ReportAdmin(RecordedAdmin):
    """One row a report: from whom, when, by which delivery."""

    list_display = ["received_at", "timestamp", "sor", "delivery"]
    ordering = ["-received_at"]
    sortable_by = ()
    fields = readonly_fields = ("id", "delivery", "sor", "timestamp", "received_at", "deceased", "digest")


@recorded_action(Action.ADMIN_CHANGED, gettext_lazy("Hent nu"))
def pull_now(modeladmin: "GatewayAdmin", request: HttpRequest, gateway: Gateway) -> None:
    """Make it due: the sweep rings for it at once."""
    if not gateway.active:
        modeladmin.message_user(request, _("Gatewayen hentes ikke efter planen; sæt den til først."), "warning")
    Gateway.objects.filter(pk=gateway.pk).update(due=timezone.now(), rung=None)


@admin.register(Gateway)
class GatewayAdmin(RecordedAdmin):
    """Where reports are fetched from, how often, and how that went."""

    allows = frozenset({"add", "change"})
    list_display = ["name", "active", "ending", "finished", "since", "due"]
    list_filter = ["active", "ending"]
    ordering = ["name"]
    sortable_by = ()
    actions = [pull_now]
    readonly_fields = ("ending", "started", "finished", "since", "broken_off", "due", "counted")
    fields = ("name", "base_url", "sender", "active", "daily_at", "every_hours", "count", *readonly_fields)

    def save_model(self, request: HttpRequest, obj: Gateway, form: Any, change: bool) -> None:
        """A new plan holds from now on; another address is begun from the beginning, and a run at the old one ends."""
        changed = set(form.changed_data)
        if {"daily_at", "every_hours"} & changed:
            obj.due = next_due(timezone.now(), obj.daily_at, obj.every_hours)
            changed.add("due")
        if "base_url" in changed:
            obj.since = obj.until = obj.newest = obj.run = obj.lease = None
            obj.next_page = ""
            changed |= {"since", "until", "newest", "run", "lease", "next_page"}
        # Never the whole row as it was read: a run remembers in it where it is.
        obj.save(update_fields=changed if change else None)

    @admin.display(description=gettext_lazy("afbrudt midtvejs"), boolean=True)
    def broken_off(self, gateway: Gateway) -> bool:
        return bool(gateway.next_page)

    @admin.display(description=gettext_lazy("optælling"))
    def counted(self, gateway: Gateway) -> str:
        names = {
            "pages": _("sider"), "read": _("læst"), "accepted": _("modtaget"), "quarantined": _("i karantæne"),
            "known": _("var her allerede"),
        }  # fmt: skip
        rows = [(names[name], gateway.told[name]) for name in names if name in gateway.told]
        noted = [(name, number) for name, number in gateway.told.get("noted", {}).items()]
        return format_html_join("", "<p>{}: {}</p>", rows + noted) or "–"
