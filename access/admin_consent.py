"""Blocks and overrides for those who look after the running; what somebody wrote stands in the controllers' case."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from access.models import Block, Override
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
