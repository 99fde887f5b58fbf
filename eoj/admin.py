"""The law policy, which administrators keep, and the reports as they came: metadata, never what they say."""

from django.contrib import admin

from audit.admin_base import RecordedAdmin
from eoj.models import LawPolicy, Report


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
