"""Everything that the overview prints. Reads nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext as _

from access.gate import Grant
from eoj import wording
from overview.active import active
from overview.hearts import hearts
from overview.queries import Found


@dataclass(frozen=True)
class Source:
    """One line at the foot of the page."""

    words: str
    answered: bool = True


def told(grant: Grant, found: Found, now: datetime) -> dict[str, Any]:
    """The words for the template; a part that the reader does not have leaves none, a silent source says so."""
    sources = _sources(found, now)
    folder = hearts(grant, found.ekg.said) if found.ekg and found.ekg.said else None
    going_on = active(grant, found.care.said) if found.care and found.care.said else None
    return {
        "here": "oversigt",
        "ekg": found.ekg,
        "care": found.care,
        "hearts": folder,
        "active": going_on,
        "news": [each.news for each in (folder, going_on) if each],
        "sources": sources,
        "silent": sum(not source.answered for source in sources),
        "fetched": wording.clock(now),
        "icons": static("icons.svg"),
    }


def _sources(found: Found, now: datetime) -> list[Source]:
    """Of municipal data as its own tab names them: who has told something that is shown, and when."""
    at, sources = {"time": wording.clock(now)}, []
    if found.ekg:
        answered, silent = _("EKG-deling, hentet kl. %(time)s") % at, _("EKG-deling svarer ikke")
        sources.append(Source(answered) if found.ekg.said else Source(silent, False))
    if found.care and found.care.said:
        reports = _("%(name)s, seneste rapport %(when)s")
        told = found.care.said.municipalities.values()
        named = [Source(reports % {"name": each.name, "when": wording.reported(each.reported)}) for each in told]
        sources += named or [Source(_("Kommunale data, søgt kl. %(time)s") % at)]
    elif found.care:
        sources.append(Source(_("Kommunale data svarer ikke"), False))
    return sources
