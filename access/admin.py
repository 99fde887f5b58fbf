"""Users, launching systems and open records, for those who look after the running; what a record holds is not here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from access import contexts
from access.models import AccessReason, Block, LaunchClient, Override, PatientContext, Role, User
from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked, recorded_action


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """Who may sign in: role and switch can be changed, and count from the user's next request."""

    allows = frozenset({"change"})
    list_display = ["username", "display_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "subject"]
    ordering = ["username"]
    fields = (
        "id", "username", "title", "first_name", "last_name", "issuer", "subject", "role", "citizen", "is_active",
        "is_staff", "last_login", "date_joined", "failed_sign_ins", "failed_at",
    )  # fmt: skip
    readonly_fields = [name for name in fields if name not in {"role", "is_active"}]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """A citizen stays one, and nobody becomes one here: that takes a patient, whom the login knows."""
        return [*self.readonly_fields, *(["role"] if obj and obj.role == Role.CITIZEN else [])]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "role":
            how["choices"] = [choice for choice in Role.choices if choice[0] != Role.CITIZEN]
        return super().formfield_for_choice_field(db_field, request, **how)

    @admin.display(description=_("borger"))
    def citizen(self, user: User) -> str:
        return masked(user.patient.cpr) if user.patient else "–"

    @admin.display(description=_("navn"))
    def display_name(self, user: User) -> str:
        return user.display_name


@admin.register(LaunchClient)
class LaunchClientAdmin(RecordedAdmin):
    """Systems that may launch; keys come by `register_client`, here a system can be switched off."""

    allows = frozenset({"change"})
    list_display = ["client_id", "name", "user_issuer", "active", "created"]
    list_filter = ["active"]
    search_fields = ["client_id", "name"]
    ordering = ["client_id"]
    fields = ("client_id", "name", "user_issuer", "organisations", "key_ids", "active", "created")
    readonly_fields = [name for name in fields if name != "active"]

    @admin.display(description=_("nøgler"))
    def key_ids(self, client: LaunchClient) -> str:
        return ", ".join(str(jwk.get("kid") or "?") for jwk in client.jwks)


@recorded_action(Action.CONTEXT_CLOSED, _("Luk de valgte"))
def close(modeladmin: RecordedAdmin, request: HttpRequest, context: PatientContext) -> None:
    contexts.close(context.pk, PatientContext.Closed.OPERATOR)


@admin.register(PatientContext)
class PatientContextAdmin(RecordedAdmin):
    """Which records are or were open, for whom and from where; they can be closed."""

    list_display = ["opened", "user", "cpr", "organisation_name", "source", "last_seen", "closed_reason"]
    list_filter = ["closed_reason", "source"]
    list_select_related = ["user", "patient"]
    search_fields = ["id", "correlation_id"]
    ordering = ["-opened"]
    fields = (
        "id", "user", "audience", "cpr", "organisation_system", "organisation_id", "organisation_name", "source",
        "correlation_id", "opened", "last_seen", "expires", "closed_at", "closed_reason",
    )  # fmt: skip
    readonly_fields = fields
    actions = [close]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PatientContext]:
        return super().get_queryset(request).select_related("patient", "user").defer("patient_name")

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, context: PatientContext) -> str:
        return masked(context.patient.cpr)


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
