"""The EKGs on the overview: what is new, and the newest one with all that must stand beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.gate import Grant
from ekg import pages
from ekg.lines import shortened
from ekg.opened import Opened
from ekg.queries import Row
from overview import queries
from overview.news import FEW, Item, News


@dataclass(frozen=True)
class Hearts:
    """The folder of EKGs from a distance."""

    url: str
    count: int
    news: News
    opened: Opened | None
    """The newest recording."""
    pictured: bool
    """Whether its first page is shown small: no citizen meets a curve unasked."""
    older: int
    """Recordings that are held, but replaced by their sources."""


def hearts(grant: Grant, said: queries.Hearts) -> Hearts:
    """The folder of this reader."""
    url = grant.address("ekg:folder")
    view = pages.seen_through(said.folder, url, {})
    opened = Opened(said.newest, view, grant.banner) if said.newest else None
    return Hearts(
        url=url,
        count=len(said.folder.rows),
        news=_news(grant, view),
        opened=opened,
        pictured=bool(opened and opened.sheets) and not grant.banner.own,
        older=len(said.folder.older),
    )


def _news(grant: Grant, view: pages.View) -> News:
    folder = view.folder
    fresh = [row for row in folder.rows if row.id in folder.new]
    if folder.seen is None:
        never = _("Du har ikke set EKG'er her før.") if grant.banner.own else _("Du har ikke set borgerens EKG'er før.")
        return News(view.base, 0, never, "")
    words = ngettext("%(n)s ny EKG-optagelse", "%(n)s nye EKG-optagelser", len(fresh)) % {"n": len(fresh)}
    if not fresh:
        if grant.consent.hides_something:
            return News(view.base, 0, _("EKG: Dit seneste opslag var %(date)s.") % {"date": pages.day(folder.seen)}, "")
        words = _("Ingen nye EKG-optagelser")
    return News(view.base, len(fresh), words, pages.since(folder.seen), tuple(_item(view, row) for row in fresh[:FEW]))


def _item(view: pages.View, row: Row) -> Item:
    warning = _("Andet CPR-nummer på arket") if row.printed_cpr_differs else ""
    return Item(view.url(row), pages.taken(row), pages.place(row), shortened(row.note), warning)
