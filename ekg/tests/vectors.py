"""Where the published test vectors are: outside the project, read by path only."""

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def folder() -> Path:
    """The folder of EKG vectors. Absent and not asked for: the module is skipped. Asked for and wrong: red."""
    said = os.environ.get("SJ_VECTORS", "")
    found = (ROOT / (said or "../shared/vectors") / "ekg").resolve()
    if not (found / "INDEX.csv").is_file():
        if said:
            raise FileNotFoundError(f"SJ_VECTORS is set, but {found} holds no INDEX.csv")
        pytest.skip("the published EKG vectors are not here (set SJ_VECTORS)", allow_module_level=True)
    return found


def handlings() -> dict[str, str]:
    """File name → how a viewer handles it, for the documents of the index."""
    rows = csv.DictReader((folder() / "INDEX.csv").read_text("utf-8").splitlines())
    return {row["file"]: row["viewer_handling_proposed"] for row in rows if row["viewer_handling_proposed"]}
