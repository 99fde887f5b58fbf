"""Blocks and overrides for those who look after the running; what somebody wrote is for log controllers alone."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from access.models import AccessReason, Block, Override, Role, User
from audit.admin_base import RecordedAdmin, masked


@admin.register(Block)
class BlockAdmin(RecordedAdmin):
    """Which blocks stand or stood, for whom: whom or what they aim at is the citizen's own, and is not here."""

    list_display = ["created", "cpr", "kind", "valid_from", "valid_until", "ended"]
    list_filter = ["kind"]
    list_select_related = ["patient"]
    ordering = ["-created"]
    sortable_by = ()
    fields = readonly_fields = ("id", "cpr", "kind", "valid_from", "valid_until", "created", "ended")

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, block: Block) -> str:
        return masked(block.patient.cpr)


@admin.register(Override)
class OverrideAdmin(RecordedAdmin):
    """Who has overridden blocks, where, when and on which ground; why in their own words is not here."""

    list_display = ["started", "user", "cpr", "organisation", "ground", "ends", "ended_at"]
    list_filter = ["ground"]
    list_select_related = ["patient", "user"]
    search_fields = ["id", "context"]
    ordering = ["-started"]
    sortable_by = ()
    fields = readonly_fields = (
        "id", "context", "user", "role", "organisation", "cpr", "ground", "started", "ends", "ended_at",
    )  # fmt: skip

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, override: Override) -> str:
        return masked(override.patient.cpr)


@admin.register(AccessReason)
class AccessReasonAdmin(RecordedAdmin):
    """What somebody wrote: for log controllers alone, whatever else somebody may do here."""

    list_display = ["created", "kind", "ground", "context"]
    list_filter = ["kind", "ground"]
    ordering = ["-created"]
    sortable_by = ()
    fields = readonly_fields = ("id", "context", "kind", "ground", "text", "created")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_controller(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_controller(request)


def _is_controller(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.is_active and user.role == Role.LOG_CONTROLLER
