"""What the page says of what is not there: of all that the looker may see, and never of what a filter merely hides."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eoj.care import Column
from eoj.item import Area
from eoj.queries import Care
from eoj.wording import words
from terminology.fsiii import Concept, Law

AREAS = {Law.HEALTH: Area.HEALTH, Law.SERVICE: Area.SERVICE, Law.ELDERLY: Area.ELDERLY}


class Asked(NamedTuple):
    """What the filter asks for: aktive, afsluttede or alle; words; a period."""

    shown: str
    sought: bool
    period: bool

    @property
    def narrowed(self) -> bool:
        return self.sought or self.period


def nothing(asked: Asked, *, blocked: bool = False) -> str:
    """In place of everything, when the filter lets nothing through; under a block, of what can be seen alone."""
    if asked.sought:
        return _("Intet passer til søgningen.")
    if asked.period:
        return _("Intet passer til den valgte periode.")
    if blocked:
        return _("Visningen er tom.")
    return _("Ingen aktive oplysninger.") if asked.shown == "aktive" else _("Ingen afsluttede oplysninger.")


class Absence:
    """Writes the last line of each list."""

    def __init__(self, care: Care, asked: Asked) -> None:
        self.asked, self.blocked = asked, care.blocked
        self.held = {(entry.column, entry.group) for entry in care.entries}
        self.laws = [law for law, area in AREAS.items() if area not in care.withheld]
        names = {each.name for each in care.municipalities.values()}
        self.source = _(" fra %(municipality)s") % {"municipality": names.pop()} if len(names) == 1 else ""

    def line(self, column: Column, order: Iterable[Concept], shown: Collection[str]) -> str:
        """Areas, or laws, of which the looker sees nothing; and why, when the whole list is empty.

        Under a block nothing is said: nobody may read that there is none of what is kept back.
        """
        if self.blocked:
            return ""
        said = [nothing(self.asked).rstrip(".")] if self.asked.narrowed and not shown else []
        if column is Column.INTERVENTION:
            return " · ".join([*said, *self._laws(shown)])
        areas = [(area, (column, area.key) in self.held) for area in order]
        quiet = sum(held and area.key not in shown for area, held in areas)
        never = sum(not held and not area.retiring for area, held in areas)
        if quiet and not self.asked.narrowed:
            said.append(self._quiet(quiet))
        if never:
            said.append(self._never(never, others=bool(shown or said)))
        return " · ".join(said)

    def _quiet(self, count: int) -> str:
        """Areas of which something is told, but nothing that the choice shows."""
        if self.asked.shown == "aktive":
            told = ngettext("Ingen aktive%(source)s i %(n)s område", "Ingen aktive%(source)s i %(n)s områder", count)
        else:
            told = ngettext(
                "Ingen afsluttede%(source)s i %(n)s område", "Ingen afsluttede%(source)s i %(n)s områder", count
            )
        return told % {"source": self.source, "n": count}

    def _never(self, count: int, *, others: bool) -> str:
        """Areas of which nothing is told; what an audience may not see is no area of its page."""
        if others:
            told = ngettext(
                "Ingen registreringer%(source)s i %(n)s andet område",
                "Ingen registreringer%(source)s i %(n)s andre områder",
                count,
            )
        else:
            told = ngettext(
                "Ingen registreringer%(source)s i %(n)s område", "Ingen registreringer%(source)s i %(n)s områder", count
            )
        return told % {"source": self.source, "n": count}

    def _laws(self, shown: Collection[str]) -> list[str]:
        """Of the laws that the policy opens to the looker, those without a row."""
        narrowed = self.asked.narrowed
        absent = [
            words().laws[law][1]
            for law in self.laws
            if law not in shown and not (narrowed and (Column.INTERVENTION, law) in self.held)
        ]
        if not absent:
            return []
        if narrowed or self.asked.shown == "alle":
            told = _("Ingen indsatser%(source)s efter %(laws)s")
        elif self.asked.shown == "aktive":
            told = _("Ingen aktive indsatser%(source)s efter %(laws)s")
        else:
            told = _("Ingen afsluttede indsatser%(source)s efter %(laws)s")
        laws = _("%(some)s eller %(last)s") % {"some": ", ".join(absent[:-1]), "last": absent[-1]}
        return [told % {"source": self.source, "laws": laws if len(absent) > 1 else absent[0]}]
