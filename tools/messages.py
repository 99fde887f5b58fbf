"""Message catalogues without the GNU tools: extract, merge and compile with Babel; --check changes nothing.

Danish is the source language, so a Danish catalogue would say nothing; the catalogue here is English (ADR 0014).
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "locale" / "en" / "LC_MESSAGES"
ROOMS: tuple[str, ...] = (
    "access",
    "audit",
    "citizen",
    "ekg",
    "eoj",
    "exports",
    "fhir",
    "organisations",
    "overview",
    "patients",
    "reviews",
    "terminology",
)
ROOMS += ("sundhedsjournal", "templates")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def django_template(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """Babel's extractor for Django templates: Django itself turns a template into Python-like calls."""
    source = templatize(fileobj.read().decode(), origin=getattr(fileobj, "name", None))
    # The tokenizer minds indentation, a template does not.
    flat = "\n".join(line.lstrip() for line in source.splitlines())
    yield from extract_python(io.BytesIO(flat.encode()), keywords, comment_tags, {**options, "encoding": "utf-8"})


def extracted() -> Catalog:
    """Every message of the interface, with the file it stands in (no line numbers: they would go stale)."""
    found = Catalog(charset="utf-8", fuzzy=False)
    methods = [("**/tests/**", "ignore"), ("**.py", "python"), ("**.html", "tools.messages:django_template")]
    for room in ROOMS:
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / room, methods, {"**.py": {"encoding": "utf-8"}}, KEYWORDS
        ):
            found.add(message, None, [(f"{room}/{name}", 0)], auto_comments=comments, context=context)
    return found


def rendered(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The .po and the .mo that belong to a catalogue."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True)
    text = b'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    text += b'"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n' + po.getvalue()
    compiled = read_po(io.BytesIO(text), locale="en")
    compiled.creation_date = datetime.fromtimestamp(0, UTC)  # otherwise now: no two minutes would give the same bytes
    write_mo(mo, compiled)
    return text, mo.getvalue()


def main(arguments: list[str]) -> int:
    settings.configure(USE_I18N=True)
    po_file, mo_file = FOLDER / "django.po", FOLDER / "django.mo"
    catalogue = read_po(io.BytesIO(po_file.read_bytes()), locale="en") if po_file.exists() else Catalog(locale="en")
    catalogue.update(extracted(), no_fuzzy_matching=True)
    po, mo = rendered(catalogue)
    untranslated = [
        m.id for m in catalogue if m.id and not all(m.string if isinstance(m.string, tuple) else [m.string])
    ]
    if "--check" not in arguments:
        FOLDER.mkdir(parents=True, exist_ok=True)
        po_file.write_bytes(po)
        mo_file.write_bytes(mo)
    elif (po_file.read_bytes(), mo_file.read_bytes()) != (po, mo):
        print("The message catalogues are not fresh: run make fix.", file=sys.stderr)
        return 1
    for message in untranslated:
        print(f"No English for: {message}", file=sys.stderr)
    return 1 if untranslated and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
