"""Where the published code lists are: outside the project, beside the vectors, read by path only."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tables() -> Path:
    """The folder of FSIII tables. Absent and not asked for: the module is skipped. Asked for and wrong: red."""
    said = os.environ.get("SJ_VECTORS", "")
    found = (ROOT / (said or "../shared/vectors") / "../terminology/fsiii").resolve()
    if not (found / "fsiii_all_codes.csv").is_file():
        if said:
            raise FileNotFoundError(f"SJ_VECTORS is set, but {found} holds no fsiii_all_codes.csv")
        pytest.skip("the published FSIII tables are not here (set SJ_VECTORS)", allow_module_level=True)
    return found
