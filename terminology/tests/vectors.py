"""The published code lists, beside the vectors."""

from pathlib import Path

from sundhedsjournal.tests import published


def tables() -> Path:
    """The folder of FSIII tables."""
    return published.folder("../terminology/fsiii", "fsiii_all_codes.csv")
