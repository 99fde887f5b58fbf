"""Who is asked: our own register of blocks, or a service shaped like MinSpærring (setting CONSENT_SOURCE, ADR 0023)."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from access.consent import minspaerring, register
from access.consent.decision import Decision, Question

Source = Callable[[Question], Decision]
REGISTER = "register"


def decide(question: Question) -> Decision:
    """What this user may not see of this citizen, asked anew at every request; raises Unknown."""
    decision = _source(settings.CONSENT_SOURCE)(question)
    return decision.lifted() if question.override and not decision.is_late else decision


@cache
def _source(setting: str) -> Source:
    if setting == REGISTER:
        return register.decide
    if setting.startswith(("https://", "http://")):
        return minspaerring.decide
    found: Source = import_string(setting)
    return found
