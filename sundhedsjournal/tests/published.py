"""Where the published vectors and tables are: outside the project, read by path only."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def folder(inside: str, index: str = "INDEX.csv") -> Path:
    """A folder of the vectors. Absent and not asked for: the module is skipped. Asked for and wrong: red."""
    said = os.environ.get("SJ_VECTORS", "")
    found = (ROOT / (said or "../shared/vectors") / inside).resolve()
    if not (found / index).is_file():
        if said:
            raise FileNotFoundError(f"SJ_VECTORS is set, but {found} holds no {index}")
        pytest.skip(f"the published vectors ({inside}) are not here (set SJ_VECTORS)", allow_module_level=True)
    return found
