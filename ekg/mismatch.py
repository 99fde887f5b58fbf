"""What the paper of two recordings says of its scale, and when that keeps them from being compared. Never guesses."""

from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from ekg.queries import Recording


class Warning(NamedTuple):
    """What is so, and what follows."""

    fact: str
    advice: str


def scale(recording: Recording) -> tuple[Decimal | None, Decimal | None]:
    """Speed (mm/s) and gain (mm/mV) as the document itself prints them; None where it does not."""
    return recording.speed, recording.gain


def warnings(one: Recording, other: Recording) -> list[Warning]:
    """What differs, of that which both documents say."""
    (speed, gain), (other_speed, other_gain) = scale(one), scale(other)
    found = []
    if speed and other_speed and speed != other_speed:
        curves = _("Kurverne kan ikke sammenlignes direkte.")
        found.append(Warning(_("De to optagelser har forskellig papirhastighed."), curves))
    if gain and other_gain and gain != other_gain:
        heights = _("Udslagenes højde kan ikke sammenlignes direkte.")
        found.append(Warning(_("De to optagelser har forskellig forstærkning."), heights))
    return found
