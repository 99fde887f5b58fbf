"""The base of every page of the administration: to look is an event, and nothing changes unless a class says so."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import Action
from audit.admin_event import actor_of, masked, query_code, unrecorded
from audit.check import looks_personal
from audit.record import NotRecorded, Outcome, record, safe

__all__ = ["RecordedAdmin", "masked", "recorded_action"]

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

Row = models.Model


class RecordedAdmin(ModelAdmin):
    """Looking needs Django's view permission; adding, changing and deleting also stand in `allows`.

    Every list, search and row is recorded before it is shown (ACCESS A1), with the patient whom the row is about.
    """

    allows: frozenset[str] = frozenset()
    """Of add, change, delete: what the class opens for those who have Django's permission to it."""
    viewed, searched = Action.ADMIN_VIEWED, Action.ADMIN_SEARCHED
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    # ── who may do what ─────────────────────────────────────────────────────────────────────────────────────────────
    def has_add_permission(self, request: HttpRequest) -> bool:
        return "add" in self.allows and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return "change" in self.allows and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return "delete" in self.allows and super().has_delete_permission(request, obj)

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Whether the user may run the recorded actions: Django's change permission, though no field can be edited."""
        return super().has_change_permission(request)

    def opens_to(self, request: HttpRequest) -> bool:
        """Whether somebody may come in for this class who does not look after the running (no `is_staff`)."""
        return False

    def on_index(self, request: HttpRequest) -> str:
        """What waits here for whoever asks, in a few words beside the name on the first page; "" for nothing."""
        return ""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only the filters shown: any other lookup could guess a CPR number digit by digit."""
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        filters = [getattr(one, "parameter_name", one) for one in filters]
        shown = [one for one in (*filters, self.date_hierarchy) if isinstance(one, str)]
        return any(lookup == one or lookup.startswith(f"{one}__") for one in shown)

    # ── what is shown is recorded ───────────────────────────────────────────────────────────────────────────────────
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        if looks_personal("\n".join(str(value) for _key, values in request.GET.lists() for value in values)):
            return _guarded(lambda: self._refused_search(request))
        extra = {"query": query_code(words)} if words else None
        return self._shown(
            request,
            lambda: super(RecordedAdmin, self).changelist_view(request, extra_context),
            self.searched,
            extra=extra,
        )

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        def answer() -> HttpResponse:
            return super(RecordedAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        return self._shown(request, answer, self.viewed, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        def answer() -> HttpResponse:
            return super(RecordedAdmin, self).history_view(request, object_id, extra_context)

        return self._shown(request, answer, self.viewed, object_id)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        def answer() -> HttpResponse:
            return super(RecordedAdmin, self).delete_view(request, object_id, extra_context)

        return self._shown(request, answer, self.viewed, object_id)

    # ── what is changed is recorded, in the change's own transaction ────────────────────────────────────────────────
    def log_addition(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        self.note(request, Action.ADMIN_CHANGED, obj, extra={"change": "added"})
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        self.note(request, Action.ADMIN_CHANGED, obj, extra={"change": "changed"})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.note(request, Action.ADMIN_CHANGED, obj, extra={"change": "deleted"})
        return super().log_deletions(request, queryset)

    # ── hooks ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def patient_of(self, obj: Row) -> uuid.UUID | None:
        """The patient whom a row is about; a class whose rows know it by another name says so."""
        for name in ("patient_id", "patient_ref"):
            if isinstance(found := getattr(obj, name, None), uuid.UUID):
                return found
        return None

    def note(self, request: HttpRequest, action: Action, obj: Row | None = None, **told: Any) -> uuid.UUID:
        """Record what the user did with a row."""
        told.setdefault("entity", self._entity(obj.pk) if obj else self._entity())
        patient = self.patient_of(obj) if obj else None
        request_id = str(getattr(request, "request_id", ""))
        return record(action, actor=actor_of(request), patient=patient, request_id=request_id, **told)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        request.recorded_row = found  # type: ignore[attr-defined]  # spares the event a query of its own
        return found

    # ── how ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _shown(
        self,
        request: HttpRequest,
        answer: Callable[[], HttpResponse],
        action: Action,
        object_id: str | None = None,
        extra: dict[str, str] | None = None,
    ) -> HttpResponse:
        """The answer once its line is written, with the row that was read for it (`recorded_row`), or the refusal."""

        def note(outcome: Outcome = Outcome.SUCCESS, reason: str = "") -> str:
            row = getattr(request, "recorded_row", None)
            about = getattr(request, "recorded_entity", "") or self._entity(object_id)
            return str(self.note(request, action, row, outcome=outcome, reason=reason, entity=about, extra=extra))

        def shown() -> HttpResponse:
            try:
                response = answer()
                if isinstance(response, SimpleTemplateResponse):
                    response.render()  # an error while rendering is an error, not a look
            except NotRecorded:
                raise
            except (PermissionDenied, SuspiciousOperation):
                note(Outcome.MINOR, "denied")
                raise
            except Http404:
                note(Outcome.MINOR, "not-found")
                raise
            except Exception:
                note(Outcome.SERIOUS, "error")
                raise
            if request.method == "POST" and isinstance(response, HttpResponseRedirect):
                return response  # nothing is shown, and what was done has its own event
            missing = object_id is not None and getattr(request, "recorded_row", None) is None
            response["X-Audit-Id"] = note(Outcome.MINOR, "not-found") if missing else note()
            return response

        return _guarded(shown)

    def _refused_search(self, request: HttpRequest) -> HttpResponse:
        self.note(request, self.searched, outcome=Outcome.MINOR, reason="cpr-in-address")
        sentence = _("Skriv ikke CPR-numre her: adressen på siden gemmes i browserens historik.")
        messages.error(request, sentence)
        return HttpResponseRedirect(request.path)

    def _entity(self, key: object = None) -> str:
        name = self.opts.object_name or ""
        return f"{name}/{safe(str(key), 'request_id')}" if key else name


def recorded_action(action: Action, description: Any) -> Callable[[Any], Any]:
    """Make an admin action of `function(modeladmin, request, row)`: each row and its event in one transaction.

    The user needs Django's change permission; what must wait for the commit is the function's to put on on_commit.
    """

    def decorate(function: Callable[[Any, HttpRequest, Any], None]) -> Any:
        @admin.action(description=description, permissions=["process"])
        def run(modeladmin: RecordedAdmin, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
            rows = list(queryset)
            for row in rows:
                with transaction.atomic():
                    modeladmin.note(request, action, row)
                    function(modeladmin, request, row)
            sentence = ngettext("%(count)d række er behandlet.", "%(count)d rækker er behandlet.", len(rows))
            messages.success(request, sentence % {"count": len(rows)})

        run.__name__ = function.__name__
        return run

    return decorate


def _guarded(answer: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return answer()
    except NotRecorded:
        return unrecorded()
