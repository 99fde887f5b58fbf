"""Narratives: what a person can read when no program can show the document, in Danish and English. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

Line = tuple[str, str, str]
"""The label in Danish, in English, and the value as plain text; a line without a value is left out."""


def narrative(
    danish: str, english: str, lines: Iterable[Line], references: Sequence[str] = (), extensions: bool = False
) -> dict[str, str]:
    """FHIR Narrative with id and references; `extensions` tells that the resource also holds extensions."""
    told = [*lines, *(("Henviser til", "Refers to", reference) for reference in references)]
    items = "".join(f"<li>{label(da, en)}: {_text(value)}</li>" for da, en, value in told if value)
    return {
        "status": "extensions" if extensions else "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><h3>{label(danish, english)}</h3><ul>{items}</ul></div>',
    }


def label(danish: str, english: str) -> str:
    return danish if danish == english else f"{danish} / {english}"


def _text(value: str) -> str:
    return escape(value, quote=False).replace("\n", "<br/>")
