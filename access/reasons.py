"""Why somebody opens a record: what is chosen on "Bekræft opslag", and where the words are kept.

The ground is a code, and may stand in the log; the words stand in a table of their own that only log controllers read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access import words as written
from access.models import AccessReason, Override, PatientContext

SHORTEST, LONGEST = 10, 2000
"""Characters of a reason in somebody's own words that a reader sees, here and at an override."""
TOO_SHORT = _("Skriv en begrundelse på mindst 10 tegn.")
TOO_LONG = _("Skriv en begrundelse på højst 2000 tegn.")
GROUND, TEXT = "formaal", "begrundelse"
"""The fields of the form."""


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

    @property
    def is_told(self) -> bool:
        """Whether it says anything in words: what opens a record without a treatment relation."""
        return written.length(self.text) >= SHORTEST


class Missing(Exception):
    """The form does not say why; the sentence is for the person who filled it in, about this field of it."""

    def __init__(self, sentence: str | Promise, field: str) -> None:
        super().__init__(str(sentence))
        self.sentence, self.field = str(sentence), field


def posted(form: Mapping[str, str]) -> Reason:
    """The reason that a form gives; raises Missing."""
    ground, text = form.get(GROUND, ""), form.get(TEXT, "").replace("\0", "").replace("\r\n", "\n").strip()
    if ground not in tuple(Ground):
        raise Missing(_("Vælg, hvorfor du åbner journalen."), GROUND)
    if len(text) > LONGEST:
        raise Missing(TOO_LONG, TEXT)
    reason = Reason(Ground(ground), text)
    if reason.ground == Ground.OTHER:
        told(reason)
    return reason


def told(reason: Reason) -> Reason:
    """The reason, when it is given in words; raises Missing."""
    if not reason.is_told:
        raise Missing(TOO_SHORT, TEXT)
    return reason


def words(ground: str) -> str:
    """Why, for the banner and the queue; a ground of a later version is shown by its code."""
    return str(WORDS.get(ground, ground))


def keep(context: PatientContext, ground: str, text: str, kind: AccessReason.Kind) -> AccessReason:
    """Keep the reason beside the context it was given for; in the caller's transaction."""
    now = timezone.now()
    return AccessReason.objects.create(context=context.pk, kind=kind, ground=ground, text=text, created=now)
