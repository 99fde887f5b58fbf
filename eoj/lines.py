"""The rows of the lists, as HTML: with `eoj.drawing` the one place of this room where Python writes it.

A citizen may have hundreds, and a row costs thirty times as much from a template (docs/adr/0013-pages.md). Every value
passes through `escape`, also those that need it not. What rows share is written once a page: a concept, a fact.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from eoj.care import Entry, Link
from eoj.facts import Fact, facts
from eoj.queries import Care
from eoj.wording import ended_briefly, kind, since, words, written

ROW = (
    "<li%s><p>%s%s<small>%s</small></p> "
    '<button class="about" popovertarget="om-%s" aria-label="%s">%s</button> '
    '<div class="popover" id="om-%s" popover role="dialog" aria-label="%s"><header><h4>%s</h4> '
    '<button class="button" popovertarget="om-%s">%s</button></header> %s<dl>%s</dl></div></li>\n'
)
"""An id costs its row some ten bytes on the wire each time it stands here, for nothing packs it. The buttons belong to
no form, so they submit none."""
ID = ' id="%s"'
ICON = '<svg class="icon" aria-hidden="true"><use href="%s#info"/></svg>'
TOLD = '<p class="quiet">%s</p> <p>%s</p> '
NEW = ' <span class="new">%s<span class="hidden-text"> %s</span></span> '
LEVEL = ' <span class="level">%s %s</span> '
FACT = "<dt>%s</dt> <dd>%s</dd> "
LINK = ' <dd><a href="#%s">%s</a></dd>'


class _Concept(NamedTuple):
    """What every row of one concept says, escaped."""

    name: str
    about: str
    told: str


def fresh(care: Care) -> str:
    """The mark of what the looker has not seen before; who only hears it hears since when."""
    return NEW % (escape(words().new), escape(since(care.seen))) if care.seen else ""


class Lines:
    """Writes the rows of one page; what is kept between rows ends with it."""

    def __init__(self, care: Care, shown: Sequence[Entry]) -> None:
        self.care, self.words = care, words()
        self.here = {entry.anchor for entry in shown}
        self.ends = {link.anchor for entry in shown for link in entry.links}
        self.icon, self.close = ICON % escape(static("icons.svg")), escape(self.words.close)
        self.concepts: dict[tuple[str, str], _Concept] = {}
        self.facts: dict[Fact, str] = {}
        self.new = fresh(care)
        self.several = len(care.municipalities) > 1

    def rows(self, entries: Iterable[Entry]) -> SafeString:
        return mark_safe("".join(map(self._row, entries)))  # noqa: S308 every value in a row has been escaped

    def _row(self, entry: Entry) -> str:
        same, at = (entry.concept.key, entry.group), escape(entry.anchor)
        name, about, told = self.concepts.get(same) or self.concepts.setdefault(same, self._concept(entry))
        where = self.care.municipalities[entry.sor].name
        said = "".join([self.facts.get(fact) or self._fact(fact) for fact in facts(entry, where, self.words)])
        said = said + self._links(entry.links) if entry.links else said
        marks, when = self._marks(entry), escape(self._when(entry, where))
        end = ID % at if entry.anchor in self.ends else ""
        return ROW % (end, name, marks, when, at, about, self.icon, at, name, name, at, self.close, told, said)

    def _concept(self, entry: Entry) -> _Concept:
        name, description = entry.concept.name, self.care.descriptions.get(entry.concept.key, "")
        said = f"{self.words.described} {description}" if description else self.words.undescribed
        told = TOLD % (escape(kind(entry, self.words)), "<br>".join(escape(said).splitlines()))
        return _Concept(escape(name), escape(self.words.about % {"name": name}), told)

    def _marks(self, entry: Entry) -> str:
        new = self.new if entry.is_told_after(self.care.seen) else ""
        if entry.level is None:
            return new or " "
        return new + LEVEL % (escape(self.words.level), escape(self.words.levels[entry.level]))

    def _when(self, entry: Entry, municipality: str) -> str:
        said = f"{self.words.delivered if entry.delivered else self.words.created} {written(entry.created)}"
        if self.words.marks[entry.status] and not entry.delivered:
            said = f"{said} · {ended_briefly(entry, self.words)}"
        return f"{said} · {municipality}" if self.several else said

    def _fact(self, fact: Fact) -> str:
        self.facts[fact] = html = FACT % (escape(fact[0]), escape(fact[1]))
        return html

    def _links(self, links: Iterable[Link]) -> str:
        told = "".join(map(self._link, links))
        return f"<dt>{escape(self.words.linked)}</dt>{told}"

    def _link(self, link: Link) -> str:
        """It leads only to what stands on this page."""
        name = escape(link.name)
        return LINK % (escape(link.anchor), name) if link.anchor in self.here else f" <dd>{name}</dd>"
