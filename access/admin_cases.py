"""The queue of the log controllers, in the administration: they see it, and nobody else does."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from access import actors, cases, reasons, units, words
from access.models import Case, OrganisationSystem, Role, User
from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked
from organisations import register

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Case]
else:
    ModelForm = forms.ModelForm
SOON = timedelta(days=7)


def is_controller(request: HttpRequest) -> bool:
    """Whether it is a log controller who asks; an operator, whatever Django lets one do, is none."""
    return isinstance(request.user, User) and request.user.is_active and request.user.role == Role.LOG_CONTROLLER


class CaseForm(ModelForm):
    """What is said against somebody, and what somebody is asked, is said in words too."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        in_words = (Case.Outcome.NOT_JUSTIFIED, Case.Outcome.AWAITS_ANSWER)
        if said.get("outcome") in in_words and words.length(said.get("answer", "")) < reasons.SHORTEST:
            self.add_error("answer", str(reasons.TOO_SHORT))
        return said


class DueFilter(admin.SimpleListFilter):
    """What is late, and what soon will be."""

    title, parameter_name = _("frist"), "frist"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overskredet", _("Overskredet")), ("snart", _("Inden for en uge"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        now = timezone.now()
        chosen = {"overskredet": Q(due__lt=now), "snart": Q(due__gte=now, due__lt=now + SOON)}.get(self.value() or "")
        return queryset.filter(chosen, state=Case.State.OPEN) if chosen else queryset


@admin.register(Case)
class CaseAdmin(RecordedAdmin):
    """Who opened whose record, from where, and what was said; a case can be answered. To read one is an event."""

    allows = frozenset({"change"})
    viewed = Action.CASE_VIEWED
    form = CaseForm
    list_display = ["created", "kind", "who", "organisation_name", "cpr", "level", "deadline", "state", "outcome"]
    list_filter = ["state", DueFilter, "kind", "outcome"]
    list_select_related = ["user", "patient"]
    search_fields = ["id", "context", "event"]
    ordering = ["-state", "created"]  # open ones first, and what has waited longest on top
    sortable_by = ()
    date_hierarchy = None
    fields = (
        "kind", "created", "who", "unit", "cpr", "level", "why", "words", "question", "context", "event", "deadline",
        "state", "outcome", "answer", "closed_at", "closed_by",
    )  # fmt: skip
    readonly_fields = [name for name in fields if name not in ("outcome", "answer")]

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

    def on_index(self, request: HttpRequest) -> str:
        """3 åbne, 1 over fristen."""
        waiting = self.get_queryset(request).order_by().filter(state=Case.State.OPEN)
        told = waiting.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due__lt=timezone.now())))
        waits = ngettext("%(open)s åben", "%(open)s åbne", told["open"]) % told
        late = gettext("%(late)s over fristen") % told
        return f"{waits}, {late}" if told["late"] else waits

    # ── the answer ──────────────────────────────────────────────────────────────────────────────────────────────────
    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **how: Any) -> Any:
        if db_field.name == "outcome":
            how["choices"] = [("", "–"), *((each.value, each.label) for each in cases.ANSWERS)]
        return super().formfield_for_choice_field(db_field, request, **how)

    def save_model(self, request: HttpRequest, obj: Case, form: Any, change: bool) -> None:
        """The one field that can be changed, with its event; what was closed in the meantime stays as it is."""
        if obj.outcome and isinstance(request.user, User):
            actor, request_id = actors.of_user(request.user, request), actors.request_id(request)
            done = cases.answered(obj, Case.Outcome(obj.outcome), request.user, actor, request_id, answer=obj.answer)
            if not done:
                messages.error(request, gettext("En anden har afgjort sagen i mellemtiden. Dit svar er ikke gemt."))

    # ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────
    @admin.display(description=_("bruger"))
    def who(self, case: Case) -> str:
        return f"{case.user.display_name} ({case.user.get_role_display()})"

    @admin.display(description=_("frist"))
    def deadline(self, case: Case) -> str:
        day = f"{timezone.localtime(case.due):%d.%m.%Y}"
        is_late = case.state == Case.State.OPEN and case.due < timezone.now()
        return gettext("%(day)s (overskredet)") % {"day": day} if is_late else day

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
