"""Municipal data on the overview: what is new, how much is active, and the newest of that."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.gate import Grant
from eoj import wording
from eoj.absence import Asked, nothing
from eoj.care import Entry
from eoj.panels import Tally, tallies
from eoj.queries import Care
from overview.news import FEW, Item, News
from terminology.registry import current

NEWEST = 5


@dataclass(frozen=True)
class Active:
    """The municipal tab from a distance."""

    url: str
    count: int
    news: News
    tallies: tuple[Tally, ...]
    newest: tuple[tuple[Item, bool], ...]
    """And whether each is new to the reader."""
    since: str
    held: bool
    """Whether the reader may see anything of it, active or not."""
    nothing: str
    """What is said when nothing is active."""
    withheld: str


def active(grant: Grant, care: Care) -> Active:
    """What goes on, as far as the law policy and the citizen's blocks let this reader see it."""
    url = grant.address("eoj:care")
    going_on = [entry for entry in care.entries if entry.is_current]
    newest = sorted(going_on, key=lambda entry: entry.created, reverse=True)[:NEWEST]
    return Active(
        url=url,
        count=len(going_on),
        news=_news(grant, url, care),
        tallies=tallies(going_on, current()),
        newest=tuple((_item(url, entry), entry.is_told_after(care.seen)) for entry in newest),
        since=wording.since(care.seen) if care.seen else "",
        held=bool(care.entries),
        nothing="" if going_on else nothing(Asked("aktive", False, False), blocked=care.blocked),
        withheld=wording.withheld(care.withheld),
    )


def _news(grant: Grant, url: str, care: Care) -> News:
    if care.seen is None:
        own = _("Du har ikke set kommunale data her før.")
        return News(url, 0, own if grant.banner.own else _("Du har ikke set borgerens kommunale data før."), "")
    fresh = sorted(
        (entry for entry in care.entries if entry.is_told_after(care.seen)), key=lambda e: e.arrived, reverse=True
    )
    words = ngettext("%(n)s ny kommunal oplysning", "%(n)s nye kommunale oplysninger", len(fresh)) % {"n": len(fresh)}
    if not fresh:
        if care.blocked:
            when = {"when": wording.reported(care.seen)}
            return News(url, 0, _("Kommunale data: Dit seneste opslag var %(when)s.") % when, "")
        words = _("Ingen nye kommunale oplysninger")
    return News(url, len(fresh), words, wording.since(care.seen), tuple(_item(url, each) for each in fresh[:FEW]))


def _item(url: str, entry: Entry) -> Item:
    said = wording.words()
    told = f"{said.delivered if entry.delivered else said.created} {wording.written(entry.created)}"
    if not entry.is_current and not entry.delivered:
        told = f"{told} · {wording.ended_briefly(entry, said)}"
    choice = "" if entry.is_current else "?vis=alle"
    return Item(
        f"{url}{choice}#panel-{entry.column}", wording.named(entry, said), f"{wording.kind(entry, said)} · {told}"
    )
