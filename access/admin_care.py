"""Custody and guardianship in the administration: what one operator enters counts when another has confirmed it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from access.models import CareOf, User
from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked
from audit.record import Outcome
from patients import cpr
from patients.registry import patient_for

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[CareOf]
else:
    ModelForm = forms.ModelForm


class CareOfForm(ModelForm):
    """Both persons are named by CPR numbers, which are posted and never shown again."""

    holder_cpr = forms.CharField(label=_("Forældremyndighedsindehaverens eller værgens CPR-nummer"), max_length=13)
    patient_cpr = forms.CharField(label=_("CPR-nummer på barnet eller personen under værgemål"), max_length=13)

    class Meta:
        model = CareOf
        fields = ("kind", "patient_name", "valid_from", "valid_until", "source")

    def clean_holder_cpr(self) -> str:
        return _number(self.cleaned_data["holder_cpr"])

    def clean_patient_cpr(self) -> str:
        return _number(self.cleaned_data["patient_cpr"])

    def clean(self) -> dict[str, Any]:
        """Say what the database would refuse: Django looks only at the fields that the form shows."""
        said = super().clean() or {}
        if not said.get("holder_cpr") or not said.get("patient_cpr"):
            return said
        if said["holder_cpr"] == said["patient_cpr"]:
            raise forms.ValidationError(_("De to CPR-numre er ens."))
        self.instance.holder, self.instance.patient = map(patient_for, (said["holder_cpr"], said["patient_cpr"]))
        same = {name: said.get(name) for name in ("kind", "valid_from")}
        if CareOf.objects.filter(holder=self.instance.holder, patient=self.instance.patient, **same).exists():
            raise forms.ValidationError(_("Det står allerede her. Ret den række, der findes."))
        return said


def _number(said: str) -> str:
    number = cpr.cleaned(said)
    if not number:
        raise forms.ValidationError(_("Det er ikke et CPR-nummer."))
    return number


@admin.action(description=_("Bekræft de valgte"), permissions=["process"])
def confirm(modeladmin: "CareOfAdmin", request: HttpRequest, queryset: QuerySet[CareOf]) -> None:
    """The second person says so; whoever wrote a row cannot, and what is attempted is recorded too."""
    rows = [row for row in queryset if not row.counts]
    done = sum(_confirmed(modeladmin, request, row) for row in rows)
    if done:
        sentence = ngettext("%(count)d række er bekræftet.", "%(count)d rækker er bekræftet.", done)
        messages.success(request, sentence % {"count": done})
    if done < len(rows):
        messages.error(request, _("Du har selv indtastet det. En anden skal bekræfte det, før det gælder."))


def _confirmed(modeladmin: "CareOfAdmin", request: HttpRequest, row: CareOf) -> bool:
    waiting = CareOf.objects.filter(pk=row.pk, entered_by__isnull=False, confirmed_by=None)
    with transaction.atomic():
        by_another = waiting.exclude(entered_by=request.user.pk)
        done = bool(by_another.update(confirmed_by=request.user.pk, confirmed_at=timezone.now()))
        refused = {} if done else {"outcome": Outcome.MINOR, "reason": "own-entry"}
        modeladmin.note(request, Action.ADMIN_CHANGED, row, extra={"change": "confirmed"}, **refused)
    return done


@admin.register(CareOf)
class CareOfAdmin(RecordedAdmin):
    """Custody and guardianship. A row is ended, not deleted, and its persons never change.

    To enter one, or to make one last longer, takes two persons; to end one takes one, and counts at once.
    """

    allows = frozenset({"add", "change"})
    list_display = ["kind", "holder_number", "patient_number", "valid_from", "valid_until", "source", "state"]
    list_filter = ["kind", "source"]
    list_select_related = ["holder", "patient", "entered_by", "confirmed_by"]
    ordering = ["-id"]
    sortable_by = ()
    readonly_fields = (
        "holder_number",
        "patient_number",
        "created",
        "state",
        "entered_by",
        "confirmed_by",
        "confirmed_at",
    )
    actions = [confirm]

    def get_form(self, request: HttpRequest, obj: CareOf | None = None, change: bool = False, **how: Any) -> Any:
        return super().get_form(request, obj, change, **how | ({} if obj else {"form": CareOfForm}))

    def get_fields(self, request: HttpRequest, obj: CareOf | None = None) -> Any:
        persons = ["holder_number", "patient_number"] if obj else ["holder_cpr", "patient_cpr"]
        rest = ["kind", "patient_name", "valid_from", "valid_until", "source"]
        return [*persons, *rest, *(self.readonly_fields[2:] if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: CareOf | None = None) -> list[str]:
        return [*self.readonly_fields, *(["kind", "valid_from"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: CareOf, form: Any, change: bool) -> None:
        """What lets somebody see more than before waits for another person."""
        if isinstance(request.user, User) and (not change or _lasts_longer(obj, form)):
            obj.entered_by, obj.confirmed_by, obj.confirmed_at = request.user, None, None
            messages.warning(request, _("Det gælder først, når en anden end dig har bekræftet det."))
        super().save_model(request, obj, form, change)

    @admin.display(description=_("gælder"))
    def state(self, row: CareOf) -> str:
        if row.entered_by is None:
            return str(_("ifølge registeret"))
        return str(_("bekræftet") if row.counts else _("afventer bekræftelse"))

    @admin.display(description=_("forældremyndighedsindehaver eller værge"))
    def holder_number(self, row: CareOf) -> str:
        return masked(row.holder.cpr)

    @admin.display(description=_("barn eller person under værgemål"))
    def patient_number(self, row: CareOf) -> str:
        return masked(row.patient.cpr)


def _lasts_longer(row: CareOf, form: Any) -> bool:
    """Whether the end that was just written is later than the one before it; None is the latest."""
    before = form.initial.get("valid_until")
    return before is not None and (row.valid_until is None or row.valid_until > before)
