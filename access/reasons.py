"""Why somebody opens a record: what is chosen on "Bekræft opslag", and where the words are kept.

The ground is a code, and may stand in the log; the words stand in a table of their own that only log controllers read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.models import AccessReason, Override, PatientContext

SHORTEST, LONGEST = 10, 2000


class Ground(StrEnum):
    """What can be chosen (sundhedsloven § 42 a)."""

    TREATMENT = "treatment"
    CONSENT = "consent"
    OTHER = "other"


WORDS: Mapping[str, str | Promise] = {
    "": _("Aktuel behandling"),
    Ground.TREATMENT: _("Aktuel behandling"),
    Ground.CONSENT: _("Borgeren har givet samtykke"),
    Ground.OTHER: _("Andet"),
    **dict(Override.Ground.choices),
}
"""What the banner and the queue say; nothing was asked where the launch itself carries the purpose."""


@dataclass(frozen=True)
class Reason:
    """What was chosen, and what was written."""

    ground: Ground
    text: str = ""


class Missing(Exception):
    """The form does not say why; the sentence is for the person who filled it in."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def posted(form: Mapping[str, str]) -> Reason:
    """The reason that a form gives; raises Missing."""
    ground, text = form.get("formaal", ""), form.get("begrundelse", "").replace("\0", "").strip()[:LONGEST]
    if ground not in tuple(Ground):
        raise Missing(_("Vælg, hvorfor du åbner journalen."))
    if ground == Ground.OTHER and len(text) < SHORTEST:
        raise Missing(_("Skriv en begrundelse på mindst 10 tegn."))
    return Reason(Ground(ground), text)


def words(ground: str) -> str:
    """Why, for the banner and the queue; a ground of a later version is shown by its code."""
    return str(WORDS.get(ground, ground))


def keep(context: PatientContext, ground: str, text: str, kind: AccessReason.Kind) -> AccessReason:
    """Keep the reason beside the context it was given for; in the caller's transaction."""
    now = timezone.now()
    return AccessReason.objects.create(context=context.pk, kind=kind, ground=ground, text=text, created=now)
