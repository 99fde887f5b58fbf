"""Where the published test vectors are: outside the project, read by path only."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def folder() -> Path:
    """The folder of EOJ vectors. Absent and not asked for: the module is skipped. Asked for and wrong: red."""
    said = os.environ.get("SJ_VECTORS", "")
    found = (ROOT / (said or "../shared/vectors") / "eoj").resolve()
    if not (found / "INDEX.csv").is_file():
        if said:
            raise FileNotFoundError(f"SJ_VECTORS is set, but {found} holds no INDEX.csv")
        pytest.skip("the published EOJ vectors are not here (set SJ_VECTORS)", allow_module_level=True)
    return found
