"""What somebody says who wants to see what a citizen has blocked."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access import words
from access.models import Override
from access.reasons import LONGEST, SHORTEST, TOO_SHORT

HINTS: dict[str, Promise] = {
    Override.Ground.CONSENTED: _("Mundtligt eller skriftligt, nu og her."),
    Override.Ground.UNREACHABLE: _("Øjeblikkeligt behov, hvor borgeren ikke kan spørges."),
    Override.Ground.PUBLIC: _("Hensynet til andre går klart forud for hensynet til borgeren."),
}


class Wish(forms.Form):
    """One ground of three, and a reason in the user's own words."""

    ground = forms.ChoiceField(
        choices=Override.Ground.choices,
        error_messages={"required": _("Vælg en grund."), "invalid_choice": _("Vælg en grund.")},
    )
    reason = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": _("Skriv en begrundelse."),
            "max_length": _("Skriv en begrundelse på højst %(limit_value)d tegn."),
        },
    )

    def clean_reason(self) -> str:
        """What is written, when there is enough of it to read."""
        said: str = self.cleaned_data["reason"]
        if words.length(said) < SHORTEST:
            raise forms.ValidationError(TOO_SHORT)
        return said

    @property
    def grounds(self) -> list[tuple[str, str, str, bool]]:
        """Each ground: value, words, hint, and whether it was chosen the last time."""
        chosen = str(self["ground"].value() or "")
        return [(value, str(words), str(HINTS[value]), value == chosen) for value, words in Override.Ground.choices]
