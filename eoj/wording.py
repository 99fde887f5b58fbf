"""The words of the municipal tab: headings, kinds, levels, dates. Reads nothing.

A page says the same few words hundreds of times, so each is looked up once a language and each date is written once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eoj.care import NOT_RELEVANT, Column, Entry, Status, day
from eoj.item import Area
from terminology.fsiii import Law


@dataclass(frozen=True)
class Words:
    """What does not depend on the citizen, in one language."""

    columns: Mapping[Column, tuple[str, str]]
    """The heading of a list, and what one of its entries is."""
    laws: Mapping[Law, tuple[str, str]]
    """The heading, and the law as it stands in a sentence; "" for what a catalogue puts under no law."""
    levels: Mapping[int | None, str]
    marks: Mapping[Status, str]
    under: str
    created: str
    granted: str
    delivered: str
    ended: str
    not_ended: str
    unknown: str
    derived: str
    derived_briefly: str
    level: str
    level_now: str
    assessed: str
    expected: str
    planned_end: str
    follow_up: str
    delivery: str
    local: str
    registered_by: str
    linked: str
    new: str
    about: str
    described: str
    undescribed: str
    close: str
    type: str


def words() -> Words:
    return _words(get_language() or "")


@cache
def _words(_language: str) -> Words:
    levels = (
        _("Ingen eller ubetydelige begrænsninger"),
        _("Lette begrænsninger"),
        _("Moderate begrænsninger"),
        _("Svære begrænsninger"),
        _("Totale begrænsninger"),
    )
    return Words(
        columns={
            Column.FUNCTION: (_("Funktionsevnetilstande"), _("Funktionsevnetilstand")),
            Column.HEALTH: (_("Helbredstilstande"), _("Helbredstilstand")),
            Column.INTERVENTION: (_("Indsatser"), _("Indsats")),
        },
        laws={
            Law.HEALTH: (_("Efter sundhedsloven"), _("sundhedsloven")),
            Law.SERVICE: (_("Efter serviceloven"), _("serviceloven")),
            Law.ELDERLY: (_("Efter ældreloven"), _("ældreloven")),
            Law.NONE: (_("Andre indsatser"), ""),
        },
        levels={None: "", NOT_RELEVANT: _("Ikke relevant")} | {n: f"{n} {said}" for n, said in enumerate(levels)},
        marks={
            Status.ACTIVE: "",
            Status.COMING: _("Kommende"),
            Status.UNFOCUSED: _("Ikke længere i fokus"),
            Status.ENDED: _("Afsluttet"),
        },
        under=_("Indsats efter %(law)s"),
        created=_("Oprettet"),
        granted=_("Bevilget fra"),
        delivered=_("Leveret"),
        ended=_("Afsluttet"),
        not_ended=_("Ikke afsluttet"),
        unknown=_("Tidspunktet kendes ikke"),
        derived=_("%(date)s (udledt af kommunens rapport)"),
        derived_briefly=_("(udledt)"),
        level=_("Niveau"),
        level_now=_("Niveau nu"),
        assessed=_("Senest vurderet"),
        expected=_("Forventet niveau"),
        planned_end=_("Planlagt slut"),
        follow_up=_("Næste opfølgning"),
        delivery=_("Leveringsform"),
        local=_("Kommunens betegnelse"),
        registered_by=_("Registreret af"),
        linked=_("Hænger sammen med"),
        new=_("Ny"),
        about=_("Vis beskrivelse af %(name)s"),
        described=_("Beskrivelse:"),
        undescribed=_("Der findes ingen beskrivelse i Fælles Sprog III for denne kode."),
        close=_("Luk"),
        type=_("Type"),
    )


def kind(entry: Entry, said: Words) -> str:
    """Helbredstilstand · Respiration og cirkulation; Indsats efter sundhedsloven § 138."""
    if entry.column is not Column.INTERVENTION:
        return f"{said.columns[entry.column][1]} · {entry.heading}"
    law = said.laws[Law(entry.group)][1]
    return said.under % {"law": f"{law} {entry.concept.paragraph}".strip()} if law else said.columns[entry.column][1]


def named(entry: Entry, said: Words) -> str:
    """Madservice (ældreloven): the same name stands under several laws."""
    law = said.laws[Law(entry.group)][1] if entry.column is Column.INTERVENTION else ""
    return f"{entry.concept.name} ({law})" if law else entry.concept.name


def ended(entry: Entry, said: Words) -> tuple[str, str]:
    """What an end is called, and when it was."""
    if entry.is_current:
        return said.ended, said.not_ended
    label = said.marks[entry.status]
    if not entry.ended:
        return label, said.unknown
    when = written(entry.ended)
    return label, said.derived % {"date": when} if entry.ended_derived else when


def ended_briefly(entry: Entry, said: Words) -> str:
    """Afsluttet 11.05.2026 (udledt): where there is no room for from what; of what goes on, its mark."""
    when = f"{said.marks[entry.status]} {written(entry.ended)}".rstrip()
    return f"{when} {said.derived_briefly}" if entry.ended and entry.ended_derived else when


@lru_cache(20_000)
def written(said: str) -> str:
    """01.02.2023; a date without a day as it was sent, month before year."""
    found = day(said)
    return f"{found.day:02}.{found.month:02}.{found.year}" if found else ".".join(reversed(said.split("-")))


def on(moment: datetime) -> str:
    """20.11.2026, in Danish local time."""
    local = timezone.localtime(moment)
    return f"{local.day:02}.{local.month:02}.{local.year}"


def clock(moment: datetime) -> str:
    """15.02, in Danish local time."""
    local = timezone.localtime(moment)
    return f"{local.hour:02}.{local.minute:02}"


def reported(moment: datetime) -> str:
    """20.11.2026 kl. 14.32, in Danish local time."""
    return _("%(date)s kl. %(time)s") % {"date": on(moment), "time": clock(moment)}


def since(seen: datetime) -> str:
    """What follows "ny": siden dit seneste opslag 20.11.2026 kl. 14.32."""
    return _("siden dit seneste opslag %(when)s") % {"when": reported(seen)}


def withheld(areas: Iterable[Area]) -> str:
    """What the policy keeps from this looker, whoever the citizen is; "" when nothing."""
    said = {
        Area.HEALTH: _("helbredstilstande og indsatser efter sundhedsloven"),
        Area.FUNCTION: _("funktionsevnetilstande"),
        Area.SERVICE: _("indsatser efter serviceloven"),
        Area.ELDERLY: _("indsatser efter ældreloven"),
        Area.ADMIN: _("administrative ydelser"),
    }
    names = ", ".join(said[area] for area in areas)
    return _("Vises ikke her: %(areas)s.") % {"areas": names} if names else ""
