"""A second web server of the same make, which runs a floor."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from demo.running import clean_environment, free_port
from demo.stack import GRANIAN, ROOT


@contextlib.contextmanager
def floor_server(application: str, files: Mapping[str, bytes] | None = None) -> Iterator[str]:
    """granian with as many workers and threads as ours, serving one of bench.floors, in a folder with these files."""
    with tempfile.TemporaryDirectory(prefix="sj-floor-") as folder:
        for name, data in (files or {}).items():
            (Path(folder) / name).write_bytes(data)
        port = free_port()
        command = [*GRANIAN, "--host", "127.0.0.1", "--port", str(port), "--workers", str(os.cpu_count() or 2)]
        env = clean_environment() | {"BENCH_FOLDER": folder, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [*command, "--blocking-threads", "8", f"bench.floors:{application}"],
            env=env, cwd=ROOT, stdout=sys.stderr, stderr=sys.stderr,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(200):
                with contextlib.suppress(httpx.TransportError):
                    httpx.post(address, content=b"x")
                    break
                time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(20)
