"""A database of the test's own: rows of the log cannot be deleted, so what is committed must not be shared."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from audit.event import Actor
from audit.minlog import keys
from audit.tests.minlog_peer import Peer, service

HOLM = Actor(
    "user", "https://idp.example.dk", "holm", role="clinician", organisation="325421000016001", network="192.0.2.10"
)


@dataclass(frozen=True)
class Scratch:
    """A database beside the test database, with the same roles."""

    name: str

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Every alias of this thread means the scratch database."""
        saved = {alias: connections[alias] for alias in connections}
        for alias, connection in saved.items():
            connections[alias] = type(connection)({**connection.settings_dict, "NAME": self.name}, alias)
        try:
            yield
        finally:
            for alias, connection in saved.items():
                connections[alias].close()
                connections[alias] = connection

    def raw(self, alias: str = "default") -> psycopg.Connection[Any]:
        """A connection that Django knows nothing of: what it sees has been committed."""
        return psycopg.connect(**_address(alias) | {"dbname": self.name}, autocommit=True)

    def migrated(self) -> None:
        with self.entered():
            call_command("migrate", "audit", database="owner", verbosity=0)


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scratch]:
    with django_db_blocker.unblock(), _made() as scratch:
        yield scratch


@pytest.fixture(scope="module")
def _module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scratch]:
    with django_db_blocker.unblock(), _made() as scratch:
        scratch.migrated()
        yield scratch


@pytest.fixture
def log(_module_database: Scratch, django_db_blocker: Any) -> Iterator[Scratch]:
    """The log in a database where commits are real; the tests of one module share it."""
    with django_db_blocker.unblock(), _module_database.entered():
        yield _module_database


@pytest.fixture
def empty_log(empty_database: Scratch) -> Iterator[Scratch]:
    """The same, with nothing in it."""
    empty_database.migrated()
    with empty_database.entered():
        yield empty_database


@contextlib.contextmanager
def _made() -> Iterator[Scratch]:
    name = f"scratch_{secrets.token_hex(6)}"
    with psycopg.connect(**_address("owner"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            yield Scratch(name)
        finally:
            owner.execute(f"DROP DATABASE {name}")  # fails when a test left a connection open


def _address(alias: str) -> dict[str, Any]:
    told = connections[alias].settings_dict
    named = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    return {key: value for key, value in named.items() if value} | {"dbname": told["NAME"]}


@pytest.fixture
def queue(log: Scratch, settings: Any, tmp_path: Path) -> Scratch:
    """The queue for MinLog, empty, with a key of its own; the events of other tests stay in the log."""
    settings.MINLOG = dict.fromkeys(("ekg", "eoj", "journal"), "viewer")
    settings.MINLOG_URL, settings.MINLOG_KEY, settings.MINLOG_TIMEOUT = "", tmp_path / "minlog.key", 30_000
    keys.begun()
    with log.raw("owner") as owner:
        owner.execute("DELETE FROM minlog_outbox")
    return log


@pytest.fixture
def peer(queue: Scratch, settings: Any) -> Iterator[Peer]:
    """A MinLog that listens, and is told to the house."""
    with service(settings) as listening:
        yield listening
