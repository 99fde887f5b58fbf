"""What a refusal is."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

LOG_IN = gettext_lazy("Log ind som borger")


@dataclass(frozen=True)
class Refusal:
    """Why nothing is shown: `code` is for the audit, the rest for the person; {system} is where it was opened."""

    code: str
    status: int
    heading: str | Promise
    sentence: str | Promise
    advice: str | Promise = ""
    look: str = "error"
    """The kind of message on the page: error (red) or stale (the access ended as it should)."""
    way: bool = False
    """Whether the way to the citizens' own page is shown."""
    way_words: str | Promise = LOG_IN
    """What that way is called."""
