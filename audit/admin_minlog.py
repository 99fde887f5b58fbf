"""What is owed to MinLog, for those who look after the running: how far each look is, and never what it says."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import Action
from audit.admin_base import RecordedAdmin, recorded_action
from audit.admin_paging import CappedPaginator
from audit.minlog import outbox
from audit.minlog.table import MinLogRow


@recorded_action(Action.MINLOG_RETRIED, gettext_lazy("Send igen"))
def send_again(modeladmin: "MinLogAdmin", request: HttpRequest, row: MinLogRow) -> None:
    """Let the sweep try for another week; one that is not given up stays as it is."""
    if not outbox.again(row.pk):
        modeladmin.message_user(request, _("Opslaget er ikke opgivet og er ikke sat i kø igen."), "warning")


@admin.register(MinLogRow)
class MinLogAdmin(RecordedAdmin):
    """One row a look, without its content: whose it is and who looked stands in the event."""

    list_display = ["recorded", "source", "state", "attempts", "next_try", "reason", "acked_at"]
    list_filter = ["state"]
    ordering = ["-event_id"]  # the ids are in the order of time
    sortable_by = ()
    paginator = CappedPaginator
    search_fields = ["event_id"]
    search_help_text = gettext_lazy("Hændelsens id")
    actions = [send_again]
    fields = (
        "event_id", "recorded", "source", "state", "attempts", "since", "next_try", "reason", "key_id", "acked_at",
        "ack_ref",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MinLogRow]:
        return super().get_queryset(request).defer("patient_cpr_enc", "payload_enc")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        said = search_term.strip()
        if not said:
            return queryset, False
        try:
            return queryset.filter(pk=uuid.UUID(said)), False
        except ValueError:
            return queryset.none(), False
