"""Users, launching systems and open records, for those who look after the running; what a record holds is not here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from access import actors, contexts, matrix, switching_off
from access.admin_care import CareOfAdmin as CareOfAdmin  # registers custody and guardianship
from access.admin_cases import CaseAdmin as CaseAdmin  # registers the queue of the log controllers
from access.admin_cases import is_controller
from access.admin_consent import BlockAdmin as BlockAdmin  # registers blocks, overrides and their reasons
from access.models import Issuer, LaunchClient, PatientContext, Role, User
from access.units_form import UnvouchedForm
from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked, recorded_action
from audit.check import CPR, looks_personal


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """Who may sign in: role and switch can be changed, and count from the user's next request.

    Whose column on names is not "shown" (operators) finds a person by the ids that audit and issuers use.
    """

    allows = frozenset({"change"})
    list_display = ["username", "display_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "subject"]
    ordering = ["username"]
    fields = (
        "id", "username", "display_name", "issuer", "subject_shown", "role", "authorised", "citizen", "is_active",
        "is_staff", "last_login", "date_joined", "failed_sign_ins", "failed_at",
    )  # fmt: skip
    readonly_fields = [name for name in fields if name not in {"role", "is_active"}]

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def opens_to(self, request: HttpRequest) -> bool:
        return is_controller(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Log controllers look here for the person behind an id in the log, and change nothing."""
        return is_controller(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not is_controller(request) and super().has_change_permission(request, obj)

    # ── what ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def get_list_display(self, request: HttpRequest) -> Any:
        return _named(self.list_display, request)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return _named(self.fields, request)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """A citizen stays one, and nobody becomes one here: that takes a patient, whom the login knows.

        Nor does anybody change what he or she is: an operator would read the cases of the log controllers.
        """
        fixed = obj is not None and (obj.role == Role.CITIZEN or obj.pk == request.user.pk)
        return [*self.readonly_fields, *(["role"] if fixed else [])]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "role":
            how["choices"] = [choice for choice in Role.choices if choice[0] != Role.CITIZEN]
        return super().formfield_for_choice_field(db_field, request, **how)

    @admin.display(description=_("borger"))
    def citizen(self, user: User) -> str:
        return masked(user.patient.cpr) if user.patient else "–"

    @admin.display(description=_("id hos udstederen"))
    def subject_shown(self, user: User) -> str:
        """An issuer may call people by their CPR numbers; then nobody reads them here either."""
        said = user.subject
        return CPR.sub(lambda number: masked(number[0]), said) if looks_personal(said) else said or "–"

    @admin.display(description=_("navn"))
    def display_name(self, user: User) -> str:
        """Of staff: who a citizen is, the log does not tell either."""
        return "–" if user.role == Role.CITIZEN else user.display_name


def _named(columns: Iterable[Any], request: HttpRequest) -> list[Any]:
    """These, without the name when it is not for whoever asks."""
    shown = isinstance(request.user, User) and matrix.shows_names(matrix.rights(request.user.role))
    return [each for each in columns if shown or each != "display_name"]


@admin.register(LaunchClient)
class LaunchClientAdmin(RecordedAdmin):
    """Systems that may launch; keys come by `register_client`; one that is switched off here has nothing open.

    What its launches are evidence of, and whether its users are asked why, is kept here too.
    """

    allows = frozenset({"change"})
    form = UnvouchedForm
    list_display = ["client_id", "name", "user_issuer", "active", "created"]
    list_filter = ["active"]
    search_fields = ["client_id", "name"]
    ordering = ["client_id"]
    fields = (
        "client_id", "name", "user_issuer", "organisations", "key_ids", "unvouched", "asks_purpose",
        "shared_workstation", "active", "created",
    )  # fmt: skip
    readonly_fields = [
        name for name in fields if name not in {"unvouched", "asks_purpose", "shared_workstation", "active"}
    ]

    def save_model(self, request: HttpRequest, obj: LaunchClient, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.active:
            switching_off.client(obj, request)

    @admin.display(description=_("nøgler"))
    def key_ids(self, client: LaunchClient) -> str:
        return ", ".join(str(jwk.get("kid") or "?") for jwk in client.jwks)


@admin.register(Issuer)
class IssuerAdmin(RecordedAdmin):
    """Who may sign people in; issuers come by `register_issuer`; one switched off here has nobody signed in."""

    allows = frozenset({"change"})
    list_display = ["name", "issuer", "door", "launches", "active"]
    list_filter = ["door", "active"]
    search_fields = ["issuer", "name"]
    ordering = ["name"]
    fields = (
        "name", "issuer", "door", "client_id", "algorithms", "roles", "acr_values", "max_age", "launches",
        "launch_client", "fhir_base", "hosts", "active", "created",
    )  # fmt: skip
    readonly_fields = [name for name in fields if name != "active"]

    def save_model(self, request: HttpRequest, obj: Issuer, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.active:
            switching_off.issuer(obj, request)


@recorded_action(Action.CONTEXT_CLOSED, _("Luk de valgte"))
def close(modeladmin: RecordedAdmin, request: HttpRequest, context: PatientContext) -> None:
    contexts.close(context.pk, PatientContext.Closed.OPERATOR, actors.request_id(request))


@admin.register(PatientContext)
class PatientContextAdmin(RecordedAdmin):
    """Which records are or were open, for whom and from where; they can be closed."""

    list_display = ["opened", "user", "cpr", "organisation_name", "source", "last_seen", "closed_reason"]
    list_filter = ["closed_reason", "source", "relation"]
    list_select_related = ["user", "patient"]
    search_fields = ["id", "correlation_id"]
    ordering = ["-opened"]
    fields = (
        "id", "user", "audience", "cpr", "organisation_system", "organisation_id", "organisation_name", "source",
        "correlation_id", "relation", "relation_reference", "ground", "opened", "last_seen", "expires",
        "closed_at", "closed_reason",
    )  # fmt: skip
    readonly_fields = fields
    actions = [close]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PatientContext]:
        return super().get_queryset(request).select_related("patient", "user").defer("patient_name")

    @admin.display(description=_("CPR-nummer"))
    def cpr(self, context: PatientContext) -> str:
        return masked(context.patient.cpr)
