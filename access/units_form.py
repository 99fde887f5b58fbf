"""What the administration takes for a list of units: a list of anything else would mean no unit at all."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from access import units
from access.models import LaunchClient

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[LaunchClient]
else:
    ModelForm = forms.ModelForm


class UnvouchedForm(ModelForm):
    """Of a launching system: the units whose launches are no evidence of a treatment relation."""

    class Meta:
        model = LaunchClient
        fields = ("unvouched", "asks_purpose", "shared_workstation", "active")

    def clean_unvouched(self) -> list[str]:
        said = self.cleaned_data["unvouched"] or []
        if not isinstance(said, list) or not all(each == "*" or units.is_written(each) for each in said):
            raise forms.ValidationError(_('Skriv en liste som ["sor:999000000000230"] eller ["*"].'))
        return said
