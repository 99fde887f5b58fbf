"""The published municipal vectors."""

from pathlib import Path

from sundhedsjournal.tests import published


def folder() -> Path:
    """The folder of municipal vectors."""
    return published.folder("eoj")
