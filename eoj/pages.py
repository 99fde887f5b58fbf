"""The municipal tab through its filter: what the address asks for, and the addresses of the other choices."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eoj.absence import Asked, nothing
from eoj.care import Entry, day
from eoj.panels import Panel, panels
from eoj.queries import Care
from terminology.fsiii import Catalogue

SHOWN = {"aktive": gettext_lazy("Aktive"), "afsluttede": gettext_lazy("Afsluttede"), "alle": gettext_lazy("Alle")}
PERIODS = {"": (gettext_lazy("Alle"), 0), "1": (gettext_lazy("Seneste år"), 1), "3": (gettext_lazy("Seneste 3 år"), 3)}


@dataclass(frozen=True)
class Choice:
    """One of the links above the lists."""

    words: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class View:
    """The tab seen through its filter."""

    base: str
    shown: str
    period: str
    words: str
    timeline: bool
    choices: tuple[Choice, ...]
    entries: tuple[Entry, ...]
    """What the filter lets through."""
    panels: tuple[Panel, ...]
    """The same as lists; none in the timeline."""
    nothing: str
    """What is said instead when the filter lets nothing through."""
    everything: Choice
    """The way back from there."""
    total: int
    """Active entries, for the tab."""
    new: int
    """Entries told since the looker was last here, whatever the filter."""

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        return [(key, str(words), key == self.period) for key, (words, _years) in PERIODS.items()]

    @property
    def period_words(self) -> str:
        return str(PERIODS[self.period][0])

    @property
    def list_url(self) -> str:
        """The same choice as lists."""
        return _url(self.base, self.shown, self.period, self.words, timeline=False)

    @property
    def timeline_url(self) -> str:
        """The same choice as a timeline."""
        return _url(self.base, self.shown, self.period, self.words, timeline=True)


def seen_through(care: Care, catalogue: Catalogue, base: str, asked: QueryDict, today: date) -> View:
    """The tab at the address `base` as its query asks for it; what it does not know it takes as not asked."""
    shown = asked.get("vis", "") if asked.get("vis") in SHOWN else "aktive"
    period = asked.get("periode", "") if asked.get("periode") in PERIODS else ""
    words, timeline = asked.get("q", "").strip()[:60], asked.get("visning") == "tidslinje"
    matching = _matching(care.entries, period, words, today)
    kept = {"aktive": [e for e in matching if e.is_current], "afsluttede": [e for e in matching if not e.is_current]}
    kept["alle"] = matching
    narrowed = Asked(shown, bool(words), bool(period))
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
        entries=tuple(kept[shown]),
        panels=() if timeline or not kept[shown] else panels(kept[shown], care, catalogue, narrowed),
        nothing="" if kept[shown] else nothing(narrowed, blocked=care.blocked),
        everything=Choice(_("Vis alle"), len(care.entries), _url(base, "alle", "", "", timeline), False),
        total=sum(entry.is_current for entry in care.entries),
        new=sum(entry.is_told_after(care.seen) for entry in care.entries),
    )


def _matching(entries: tuple[Entry, ...], period: str, words: str, today: date) -> list[Entry]:
    found, years, sought = list(entries), PERIODS[period][1], words.casefold()
    if years:
        since = today - timedelta(days=365 * years)
        found = [entry for entry in found if (day(entry.ended) or today) >= since]
    if sought:
        found = [e for e in found if any(sought in said.casefold() for said in (e.concept.name, *e.local))]
    return found


def _url(base: str, shown: str, period: str, words: str, timeline: bool) -> str:
    asked = QueryDict(mutable=True)
    told = {"vis": shown if shown != "aktive" else "", "periode": period, "q": words}
    asked.update({key: value for key, value in told.items() if value})
    if timeline:
        asked["visning"] = "tidslinje"
    return f"{base}?{asked.urlencode()}" if asked else base
