"""What the paper of two recordings says of its scale, and when that keeps them from being compared. Never guesses."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from ekg.queries import Recording


class Warning(NamedTuple):
    """What is so, and what follows."""

    fact: str
    advice: str


def warnings(one: Recording, other: Recording) -> list[Warning]:
    """What differs, of that which both documents say."""
    found = []
    if one.speed and other.speed and one.speed != other.speed:
        curves = _("Kurverne kan ikke sammenlignes direkte.")
        found.append(Warning(_("De to optagelser har forskellig papirhastighed."), curves))
    if one.gain and other.gain and one.gain != other.gain:
        heights = _("Udslagenes højde kan ikke sammenlignes direkte.")
        found.append(Warning(_("De to optagelser har forskellig forstærkning."), heights))
    return found
