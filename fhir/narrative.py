"""The narrative of a resource (`text.div`): its plain words, a canonical form to compare by, and what is wrong with it.

Pure: imports no Django. Source of what a narrative may hold: txt-1 and txt-2 (hl7.org/fhir/R4/narrative.html).
Read with expat in one pass: that costs a fifth of building a tree, and every document carries six of these.
"""

import re
from dataclasses import dataclass
from xml.parsers import expat

SIZE = 2_000_000
"""Characters; a longer narrative is not read."""
_NS = "http://www.w3.org/1999/xhtml "
_RUNS = re.compile(r"\s+")
_XML_LANG = "http://www.w3.org/XML/1998/namespace lang"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = frozenset(
    _NS + tag
    for tag in _words(
        "a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2"
        " h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr"
        " tt ul var"
    )
)
ATTRIBUTES = _words(
    "abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff cite class colspan coords dir"
    " frame headers height href hreflang id lang longdesc name nohref nowrap rowspan rules scope shape span src style"
    " summary tabindex title type valign width"
) | {_XML_LANG}
BLOCKS = frozenset(
    _NS + tag
    for tag in _words("address blockquote br caption dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul")
)


@dataclass(frozen=True, slots=True)
class Narrative:
    """`faults` holds the broken invariants (txt-1, txt-2); `canonical` is the same for both renditions."""

    canonical: str
    faults: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words alone, a line for each block."""
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        return "\n".join(line for line in lines if line)


def parse(div: str) -> Narrative:
    """Read a narrative; never raises. What cannot be read breaks txt-1 and is its own canonical form."""
    if len(div) > SIZE or "<!DOCTYPE" in div:
        return Narrative(div, ("txt-1",))
    canonical: list[str] = []
    parts: list[str] = []
    strange: list[str] = []
    seen: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag not in TAGS or not ATTRIBUTES.issuperset(attributes) or (not canonical and tag != f"{_NS}div"):
            strange.append(tag)
        canonical.append(f"\0{tag}")
        for name in sorted(attributes) if attributes else ():
            canonical.append(f"\0{name}={attributes[name]}")
            if attributes[name].lstrip().lower().startswith(("javascript:", "vbscript:")):
                strange.append(name)
        if tag in BLOCKS:
            parts.append("\n")
        if tag == f"{_NS}img":
            seen.append(tag)

    def end(tag: str) -> None:
        canonical.append("\0/")
        if tag in BLOCKS:
            parts.append("\n")

    def characters(text: str) -> None:
        parts.append(text.replace("\n", " "))
        if not text.isspace():
            seen.append(text)
            canonical.append("\0 " + _RUNS.sub(" ", text))

    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    try:
        parser.Parse(div.encode(), True)
    except (expat.ExpatError, ValueError):  # ValueError: lone surrogates
        return Narrative(div, ("txt-1",))
    faults = (("txt-1",) if strange else ()) + (() if seen else ("txt-2",))
    return Narrative("".join(canonical), faults, tuple(parts))
