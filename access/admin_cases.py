"""The queue of the log controllers, in the administration: they see it, and nobody else does."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from access import actors, cases, reasons, units
from access.models import Case, OrganisationSystem, Role, User
from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked
from organisations import register


def is_controller(request: HttpRequest) -> bool:
    """Whether it is a log controller who asks; an operator, whatever Django lets one do, is none."""
    return isinstance(request.user, User) and request.user.is_active and request.user.role == Role.LOG_CONTROLLER


@admin.register(Case)
class CaseAdmin(RecordedAdmin):
    """Who opened whose record, from where, and what was said; a case can be answered. To read one is an event."""

    allows = frozenset({"change"})
    viewed = Action.CASE_VIEWED
    list_display = ["created", "kind", "who", "organisation_name", "cpr", "level", "due", "state", "outcome"]
    list_filter = ["state", "kind", "outcome"]
    list_select_related = ["user", "patient"]
    search_fields = ["id", "context", "event"]
    ordering = ["-created"]
    sortable_by = ()
    date_hierarchy = None
    fields = (
        "kind", "created", "who", "unit", "cpr", "level", "why", "words", "context", "event", "due", "state", "outcome",
        "closed_at", "closed_by",
    )  # fmt: skip
    readonly_fields = [name for name in fields if name != "outcome"]

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def opens_to(self, request: HttpRequest) -> bool:
        return is_controller(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_controller(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_controller(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_controller(request) and (obj is None or obj.state == Case.State.OPEN)

    def has_process_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Those of the own unit and of all below it; none when the login does not tell which that is."""
        found = super().get_queryset(request).select_related("patient", "user", "reason", "closed_by")
        if (mine := units.of_login(request.session)) is None:
            return found.none()
        numbers = {mine.number} | (register.below(mine.number) if mine.system == OrganisationSystem.SOR else set())
        return found.filter(organisation_system=mine.system, organisation_id__in=numbers)

    # ── the answer ──────────────────────────────────────────────────────────────────────────────────────────────────
    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "outcome":
            how["choices"] = [("", "–"), *((each.value, each.label) for each in cases.ANSWERS)]
        return super().formfield_for_choice_field(db_field, request, **how)

    def save_model(self, request: HttpRequest, obj: Case, form: Any, change: bool) -> None:
        """The one field that can be changed, with its event; what was closed in the meantime stays as it is."""
        if obj.outcome and isinstance(request.user, User):
            actor, request_id = actors.of_user(request.user, request), actors.request_id(request)
            cases.answered(obj, Case.Outcome(obj.outcome), request.user, actor, request_id)

    # ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────
    @admin.display(description=_("bruger"))
    def who(self, case: Case) -> str:
        return f"{case.user.display_name} ({case.user.get_role_display()})"

    @admin.display(description=_("enhed"))
    def unit(self, case: Case) -> str:
        return f"{case.organisation_name} ({case.get_organisation_system_display()} {case.organisation_id})"

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, case: Case) -> str:
        return masked(case.patient.cpr)

    @admin.display(description=_("grund"))
    def why(self, case: Case) -> str:
        return reasons.words(case.ground) if case.ground else "–"

    @admin.display(description=_("begrundelse"))
    def words(self, case: Case) -> str:
        return case.reason.text if case.reason and case.reason.text else "–"
