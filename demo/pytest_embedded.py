"""Gives pytest a database server before Django reads its settings (loaded with -p, see pyproject.toml)."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "SJ_TEST_VAR" not in os.environ:  # the workers of pytest-xdist inherit it
    var = Path(tempfile.mkdtemp(prefix="sj-test-"))
    os.environ["SJ_TEST_VAR"] = str(var)
    os.environ["SJ_VAR"] = str(var)
    (var / "static").mkdir()  # WhiteNoise warns about a missing folder, and warnings are errors
    if not os.environ.get("DATABASE_URL"):
        from demo import postgres

        postgres.start(var)
        atexit.register(shutil.rmtree, var, ignore_errors=True)
        atexit.register(postgres.remove, var)
