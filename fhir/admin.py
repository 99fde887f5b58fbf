"""Deliveries and quarantine, and who may deliver: for those who look after the running; never the bytes themselves."""

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from audit.actions import Action
from audit.admin_base import RecordedAdmin, recorded_action
from fhir.models import Delivery, Issuer, Sender
from fhir.work import again


@recorded_action(Action.QUARANTINE_RETRIED, gettext_lazy("Behandl igen"))
def process_again(modeladmin: "DeliveryAdmin", request: HttpRequest, delivery: Delivery) -> None:
    """Let the sweep judge it anew by the rules of today; one that is neither refused nor given up stays as it is."""
    if not again(delivery):
        modeladmin.message_user(request, _("Leveringen er allerede lagt på plads eller venter."), "warning")


@admin.register(Delivery)
class DeliveryAdmin(RecordedAdmin):
    """One row a delivery: what came, from whom, what we made of it and what we answered."""

    list_display = [
        "received_at",
        "sender",
        "kind",
        "door",
        "state",
        "handling",
        "status",
        "reason",
        "attempts",
        "size",
    ]
    list_filter = ["state", "handling", "sender"]
    list_select_related = ["sender"]
    ordering = ["-received_at"]
    sortable_by = ()
    search_fields = ["id"]
    search_help_text = gettext_lazy("Leveringens id eller indholdets sha256")
    actions = [process_again]
    fields = (
        "id", "sender", "door", "kind", "content_type", "size", "sha256", "state", "handling", "status", "reason",
        "faults", "received_at", "stored_at", "attempts", "next_try",
    )  # fmt: skip
    readonly_fields = fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        said = search_term.strip().lower()
        if not said:
            return queryset, False
        try:
            return queryset.filter(pk=uuid.UUID(said)), False
        except ValueError:
            return queryset.filter(sha256=said), False

    @admin.display(description=gettext_lazy("fund"))
    def faults(self, delivery: Delivery) -> str:
        rows = ((each["severity"], each["rule"], each["path"], each["text"]) for each in delivery.findings)
        return format_html_join("", "<p>{} · {}<br>{}<br>{}</p>", rows) or "–"


if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Issuer]
else:
    ModelForm = forms.ModelForm


class IssuerForm(ModelForm):
    """Checks that the keys are keys, before the database checks that they are public."""

    def clean_jwks(self) -> Any:
        """A JWKS whose keys all have a name (kid)."""
        jwks = self.cleaned_data["jwks"]
        try:
            keys = KeySet.import_key_set(jwks).keys if jwks.get("keys") else []
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ValidationError(_("Nøglerne kan ikke læses som JWKS.")) from None
        if not all(key.kid for key in keys):
            raise ValidationError(_("Hver nøgle skal have et kid."))
        return jwks


@admin.register(Issuer)
class IssuerAdmin(RecordedAdmin):
    """Who signs tokens, with which keys."""

    allows = frozenset({"add", "change"})
    form = IssuerForm
    list_display = ["url", "algorithms", "active"]
    fields = ("url", "algorithms", "jwks", "active")
    sortable_by = ()

    def save_model(self, request: HttpRequest, obj: Issuer, form: Any, change: bool) -> None:
        """A new version tells every server process to read the keys again."""
        obj.version += change
        super().save_model(request, obj, form, change)


@admin.register(Sender)
class SenderAdmin(RecordedAdmin):
    """Who may deliver what, or read whose part of the log, and how often."""

    allows = frozenset({"add", "change"})
    list_display = ["name", "issuer", "subject", "kinds", "reads_log", "rate", "active"]
    list_select_related = ["issuer"]
    list_filter = ["active"]
    fields = ("name", "issuer", "subject", "kinds", "reads_log", "rate", "active")
    sortable_by = ()
