"""The published EKG vectors."""

import csv
from pathlib import Path

from sundhedsjournal.tests import published


def folder() -> Path:
    """The folder of EKG vectors."""
    return published.folder("ekg")


def handlings() -> dict[str, str]:
    """File name → how a viewer handles it, for the documents of the index."""
    rows = csv.DictReader((folder() / "INDEX.csv").read_text("utf-8").splitlines())
    return {row["file"]: row["viewer_handling_proposed"] for row in rows if row["viewer_handling_proposed"]}
