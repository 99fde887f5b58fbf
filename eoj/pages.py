"""The municipal tab in words: filter, columns, rows, popovers. Reads nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from eoj.care import NOT_RELEVANT, Column, Entry, Status, day
from eoj.item import Area
from eoj.queries import Care
from terminology import caresocial
from terminology.fsiii import Catalogue, Kind, Law
from terminology.order import areas

LEVELS = {
    0: gettext_lazy("Ingen eller ubetydelige begrænsninger"),
    1: gettext_lazy("Lette begrænsninger"),
    2: gettext_lazy("Moderate begrænsninger"),
    3: gettext_lazy("Svære begrænsninger"),
    4: gettext_lazy("Totale begrænsninger"),
}
COLUMNS = {
    Column.FUNCTION: (gettext_lazy("Funktionsevnetilstande"), gettext_lazy("Funktionsevnetilstand")),
    Column.HEALTH: (gettext_lazy("Helbredstilstande"), gettext_lazy("Helbredstilstand")),
    Column.INTERVENTION: (gettext_lazy("Indsatser"), gettext_lazy("Indsats")),
}
LAWS = {
    Law.HEALTH: (gettext_lazy("Efter sundhedsloven"), gettext_lazy("sundhedsloven")),
    Law.SERVICE: (gettext_lazy("Efter serviceloven"), gettext_lazy("serviceloven")),
    Law.ELDERLY: (gettext_lazy("Efter ældreloven"), gettext_lazy("ældreloven")),
}
AREA_WORDS = {
    Area.HEALTH: gettext_lazy("helbredstilstande og indsatser efter sundhedsloven"),
    Area.FUNCTION: gettext_lazy("funktionsevnetilstande"),
    Area.SERVICE: gettext_lazy("indsatser efter serviceloven"),
    Area.ELDERLY: gettext_lazy("indsatser efter ældreloven"),
    Area.ADMIN: gettext_lazy("administrative ydelser"),
}
SHOWN = {"aktive": gettext_lazy("Aktive"), "afsluttede": gettext_lazy("Afsluttede"), "alle": gettext_lazy("Alle")}
PERIODS = {"": (gettext_lazy("Alle"), 0), "1": (gettext_lazy("Seneste år"), 1), "3": (gettext_lazy("Seneste 3 år"), 3)}
AREAS = {Column.FUNCTION: Kind.FUNCTION_AREA, Column.HEALTH: Kind.HEALTH_AREA}


@dataclass(frozen=True)
class Choice:
    """One of the links above the lists."""

    words: str
    count: int
    url: str
    chosen: bool


class Fact(NamedTuple):
    """One line of a popover."""

    label: str
    text: str


class Row(NamedTuple):
    """One condition or intervention, in words."""

    anchor: str
    name: str
    kind: str
    heading: str
    description: str
    created: str
    ended: str
    mark: str
    level: str
    where: str
    registered_by: str
    facts: tuple[Fact, ...]
    new: bool
    """Told since the looker was last here."""
    links: tuple[tuple[str, str], ...]
    """Anchor and name of what it hangs together with; the anchor is "" when that is not on this page."""
    entry: Entry


class Group(NamedTuple):
    """An area of conditions, or a law."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Panel:
    """One of the three lists."""

    column: str
    heading: str
    count: int
    groups: tuple[Group, ...]
    empty: str
    """What stands in one line for all areas without anything; "" when there are none."""


@dataclass(frozen=True)
class View:
    """The tab seen through its filter."""

    base: str
    shown: str
    period: str
    words: str
    timeline: bool
    choices: tuple[Choice, ...]
    panels: tuple[Panel, ...]
    total: int
    """Active entries, for the tab."""
    rows: tuple[Row, ...]
    new: int
    """Entries told since the looker was last here, whatever the filter."""

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        return [(key, str(words), key == self.period) for key, (words, _years) in PERIODS.items()]

    @property
    def list_url(self) -> str:
        """The same choice as lists."""
        return _url(self.base, self.shown, self.period, self.words, timeline=False)

    @property
    def timeline_url(self) -> str:
        """The same choice as a timeline."""
        return _url(self.base, self.shown, self.period, self.words, timeline=True)


def seen_through(care: Care, catalogue: Catalogue, context_id: str, asked: QueryDict, today: date) -> View:
    """The tab as the address asks for it; what it does not know it takes as not asked."""
    base = reverse("eoj:care", kwargs={"context": context_id})
    shown = asked.get("vis", "") if asked.get("vis") in SHOWN else "aktive"
    period = asked.get("periode", "") if asked.get("periode") in PERIODS else ""
    words, timeline = asked.get("q", "").strip()[:60], asked.get("visning") == "tidslinje"
    matching = [entry for entry in care.entries if _matches(entry, period, words, today)]
    kept = {"aktive": [e for e in matching if e.is_current], "afsluttede": [e for e in matching if not e.is_current]}
    kept["alle"] = matching
    here = frozenset() if timeline else frozenset(entry.anchor for entry in kept[shown])
    rows = tuple(_row(entry, care, here) for entry in kept[shown])
    return View(
        base=base,
        shown=shown,
        period=period,
        words=words,
        timeline=timeline,
        choices=tuple(
            Choice(str(said), len(kept[key]), _url(base, key, period, words, timeline), key == shown)
            for key, said in SHOWN.items()
        ),
        panels=tuple(_panel(column, rows, catalogue, shown) for column in _columns(care)),
        total=sum(entry.is_current for entry in care.entries),
        rows=rows,
        new=sum(care.seen is not None and entry.arrived > care.seen for entry in care.entries),
    )


def withheld(areas: Iterable[Area]) -> str:
    """What the policy keeps from this looker, whoever the citizen is; "" when nothing."""
    words = [str(AREA_WORDS[area]) for area in areas]
    return _("Vises ikke her: %(areas)s.") % {"areas": ", ".join(words)} if words else ""


def written(said: str) -> str:
    """01.02.2023; a date without a day as it was sent, month before year."""
    found = day(said)
    return f"{found.day:02}.{found.month:02}.{found.year}" if found else ".".join(reversed(said.split("-")))


def clock(moment: datetime) -> str:
    """15.02, in Danish local time."""
    local = timezone.localtime(moment)
    return f"{local.hour:02}.{local.minute:02}"


def reported(moment: datetime) -> str:
    """20.11.2026 kl. 14.32, in Danish local time."""
    return f"{_date(timezone.localtime(moment).date())} {_('kl.')} {clock(moment)}"


def level(number: int | None) -> str:
    """2 Moderate begrænsninger; 9 means that it is not relevant, and is no level."""
    if number is None:
        return ""
    return _("Ikke relevant") if number == NOT_RELEVANT else f"{number} {LEVELS[number]}"


def _columns(care: Care) -> list[Column]:
    """Health and interventions always; functional conditions when the looker may see any (else not even a heading)."""
    held = {entry.column for entry in care.entries}
    return [column for column in Column if column is not Column.FUNCTION or column in held]


def _matches(entry: Entry, period: str, words: str, today: date) -> bool:
    years = PERIODS[period][1]
    if years:
        end = day(entry.ended) or today
        if end < today - timedelta(days=365 * years):
            return False
    sought = words.casefold()
    return not sought or any(sought in said.casefold() for said in (entry.concept.name, *entry.local))


def _url(base: str, shown: str, period: str, words: str, timeline: bool) -> str:
    asked = QueryDict(mutable=True)
    told = {"vis": shown if shown != "aktive" else "", "periode": period, "q": words}
    asked.update({key: value for key, value in told.items() if value})
    if timeline:
        asked["visning"] = "tidslinje"
    return f"{base}?{asked.urlencode()}" if asked else base


def _panel(column: Column, rows: Iterable[Row], catalogue: Catalogue, shown: str) -> Panel:
    mine = [row for row in rows if row.entry.column is column]
    headings: dict[str, list[Row]] = {}
    kind = AREAS.get(column)
    order = [area.key for area in areas(catalogue, kind)] if kind else [law.value for law in LAWS]
    for key in order:
        if found := [row for row in mine if row.entry.group == key]:
            headings[key] = found
    groups = tuple(Group(found[0].heading, tuple(found)) for found in headings.values())
    return Panel(str(column), str(COLUMNS[column][0]), len(mine), groups, _empty(column, headings, catalogue, shown))


def _empty(column: Column, headings: Mapping[str, object], catalogue: Catalogue, shown: str) -> str:
    """One line for the areas that have nothing; what an audience may not see is no area of its page."""
    if column is Column.INTERVENTION or shown == "afsluttede":
        return ""
    count = sum(not area.retiring and area.key not in headings for area in areas(catalogue, AREAS[column]))
    if not headings:
        return ngettext("Ingen registreringer i %(n)s område", "Ingen registreringer i %(n)s områder", count) % {
            "n": count
        }
    words = ngettext("Ingen registreringer i %(n)s andet område", "Ingen registreringer i %(n)s andre områder", count)
    return words % {"n": count} if count else ""


def _row(entry: Entry, care: Care, here: frozenset[str]) -> Row:
    municipality = care.municipalities[entry.sor].name
    mark = {
        Status.ACTIVE: "",
        Status.COMING: _("Kommende"),
        Status.UNFOCUSED: _("Ikke længere i fokus"),
        Status.ENDED: _("Afsluttet"),
    }[entry.status]
    is_intervention = entry.column is Column.INTERVENTION
    heading = str(LAWS[Law(entry.group)][0]) if is_intervention else entry.heading
    return Row(
        anchor=entry.anchor,
        name=entry.concept.name,
        kind=_kind(entry),
        heading=heading,
        description=care.descriptions.get(entry.concept.key, ""),
        created=written(entry.created),
        ended=written(entry.ended) if entry.ended else "",
        mark=mark,
        level=level(entry.level),
        where=municipality if len(care.municipalities) > 1 else "",
        registered_by=municipality,
        facts=tuple(_facts(entry, municipality)),
        new=care.seen is not None and entry.arrived > care.seen,
        links=tuple((link.anchor if link.anchor in here else "", link.name) for link in entry.links),
        entry=entry,
    )


def _kind(entry: Entry) -> str:
    if entry.column is not Column.INTERVENTION:
        return f"{COLUMNS[entry.column][1]} · {entry.heading}"
    under = f"{LAWS[Law(entry.group)][1]} {entry.concept.paragraph}".strip()
    return _("Indsats efter %(law)s") % {"law": under}


def _facts(entry: Entry, municipality: str) -> Iterable[Fact]:
    is_intervention = entry.column is Column.INTERVENTION
    if entry.level is not None:
        yield Fact(_("Niveau nu"), level(entry.level))
        if entry.assessed:
            yield Fact(_("Senest vurderet"), _date(timezone.localtime(entry.assessed).date()))
    if entry.expected is not None:
        yield Fact(_("Forventet niveau"), level(entry.expected))
    if entry.delivered:
        yield Fact(_("Leveret"), written(entry.created))
    else:
        yield Fact(_("Bevilget fra") if is_intervention else _("Oprettet"), written(entry.created))
        yield Fact(*_end(entry))
    if entry.planned_end:
        yield Fact(_("Planlagt slut"), written(entry.planned_end))
    if entry.follow_up:
        yield Fact(_("Næste opfølgning"), written(entry.follow_up))
    if entry.delivery:
        yield Fact(_("Leveringsform"), ", ".join(_delivery(code) for code in entry.delivery))
    if entry.local:
        yield Fact(_("Kommunens betegnelse"), ", ".join(entry.local))
    yield Fact(_("Registreret af"), municipality)


def _end(entry: Entry) -> Fact:
    label = _("Ikke længere i fokus") if entry.status is Status.UNFOCUSED else _("Afsluttet")
    if entry.status in (Status.ACTIVE, Status.COMING):
        return Fact(_("Afsluttet"), _("Ikke afsluttet"))
    if not entry.ended:
        return Fact(label, _("Tidspunktet kendes ikke"))
    if entry.ended_derived:
        return Fact(label, _("%(date)s (udledt af kommunens rapport)") % {"date": written(entry.ended)})
    return Fact(label, written(entry.ended))


def _delivery(code: str) -> str:
    return caresocial.shipped().get(code, (code, ""))[0]


def _date(found: date) -> str:
    return f"{found.day:02}.{found.month:02}.{found.year}"
