"""An EPJ in a process of its own, as the demo runs it: two Django projects cannot share one."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from demo.epj.tests.peer import Browser, Client, Journal
from demo.running import clean_environment, free_port
from demo.stack import GRANIAN, ROOT

OWN_KEY = json.dumps(ECKey.generate_key("P-256", {"kid": "epj"}).as_dict(private=True))


@pytest.fixture(scope="session")
def journal_server() -> Iterator[Journal]:
    journal = Journal([ECKey.generate_key("P-384", {"kid": "first", "use": "sig", "alg": "ES384"})])
    server = journal.start()
    yield journal
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def epj_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("epj")


@pytest.fixture(scope="session")
def epj_env(journal_server: Journal, epj_var: Path) -> dict[str, str]:
    """What its programs are told."""
    place = {"SJ_VAR": str(epj_var), "EPJ_PORT": str(free_port()), "SITE_URL": journal_server.url}
    return clean_environment() | place | {"DJANGO_SETTINGS_MODULE": "demo.epj.settings", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def epj(epj_env: dict[str, str], epj_var: Path) -> Iterator[str]:
    """Its address."""
    env, port = epj_env, epj_env["EPJ_PORT"]
    subprocess.run([sys.executable, "-m", "demo.epj"], cwd=ROOT, env=env, check=True)
    command = [*GRANIAN, "--host", "127.0.0.1", "--port", port, "--blocking-threads", "4"]
    with (epj_var / "epj.log").open("wb") as log:
        process = subprocess.Popen([*command, "demo.epj.wsgi:application"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield _ready(f"http://localhost:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


def _ready(address: str, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{address}/")
        except httpx.TransportError:
            assert process.poll() is None, "the EPJ ended"
            assert time.monotonic() < deadline, "the EPJ does not answer"
            time.sleep(0.1)
        else:
            return address


@pytest.fixture
def journal(journal_server: Journal, epj_var: Path) -> Journal:
    """As it is before a test: one key, and a ticket for everybody; the EPJ has its own key."""
    fresh = Journal(journal_server.keys[:1])
    journal_server.keys = fresh.keys
    journal_server.sent, journal_server.status, journal_server.body = [], fresh.status, fresh.body
    own = epj_var / "keys" / "epj.json"
    if not own.exists():
        own.touch(0o600)
        own.write_text(OWN_KEY)
    return journal_server


@pytest.fixture
def browser(epj: str, journal: Journal) -> Iterator[Browser]:
    with Browser(epj, journal) as seated:
        yield seated


@pytest.fixture
def staff(epj: str, journal: Journal) -> Client:
    return Client(f"{epj}/o", "sundhedsjournal", journal)


@pytest.fixture
def citizens(epj: str, journal: Journal) -> Client:
    return Client(f"{epj}/borgerlogin", "sundhedsjournal-borger", journal)
