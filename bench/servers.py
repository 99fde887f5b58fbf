"""A second web server of the same make, which runs a floor."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx

from demo.running import clean_environment, free_port
from demo.stack import GRANIAN, ROOT


@contextlib.contextmanager
def floor_server() -> Iterator[str]:
    """granian with as many workers and threads as ours, serving `write_and_sync`."""
    with tempfile.TemporaryDirectory(prefix="sj-floor-") as folder:
        port = free_port()
        command = [*GRANIAN, "--host", "127.0.0.1", "--port", str(port), "--workers", str(os.cpu_count() or 2)]
        env = clean_environment() | {"BENCH_FOLDER": folder, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [*command, "--blocking-threads", "8", "bench.floors:write_and_sync"],
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
