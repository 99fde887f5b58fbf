"""Acknowledged audit rows lost over twenty kill -9 of PostgreSQL; the negative control must lose some."""

import json
import threading
import time
from typing import Any

import psycopg

from bench.measure import Result
from demo import postgres
from demo.running import Running

ROW = (
    "INSERT INTO audit_event (id, recorded, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,"
    " actor_subject, actor_role, actor_organisation, actor_network, entity, context, correlation, purpose, request_id,"
    " salt, event) VALUES (gen_random_uuid(), now(), 'bench', 'rest', '{}', 'R', 0, '', 'system', '', 'bench', '', '',"
    " '', '', '', '', '', %s, decode(md5('x'), 'hex'), '{}')"
)


def _writer(url: str, commit: str, told: list[str], stop: threading.Event, name: str) -> None:
    try:
        with psycopg.connect(url, autocommit=True, options=f"-c synchronous_commit={commit}") as connection:
            number = 0
            while not stop.is_set():
                request = f"{name}.{number}"
                connection.execute(ROW, (request,))
                told.append(request)  # acknowledged: from here on it may not be lost
                number += 1
    except psycopg.Error:
        return


def _again(url: str, seconds: float = 60) -> "psycopg.Connection[Any]":
    """A connection as soon as the demo's supervisor has the database up again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _round(demo: Running, url: str, commit: str, number: int) -> tuple[int, int]:
    """One kill under load: (acknowledged, lost)."""
    told: list[str] = []
    stop = threading.Event()
    writers = [
        threading.Thread(target=_writer, args=(url, commit, told, stop, f"{commit}{number}.{w}")) for w in range(4)
    ]
    for writer in writers:
        writer.start()
    time.sleep(1.5)
    postgres.kill(demo.at.var)
    stop.set()
    for writer in writers:
        writer.join()
    found: set[Any] = set()
    with _again(url) as connection:
        asked = "SELECT request_id FROM audit_event WHERE request_id LIKE %s"
        found = {row[0] for row in connection.execute(asked, (f"{commit}{number}.%",))}
    return len(told), len(set(told) - found)


def durability(demo: Running, kills: int = 20) -> list[Result]:
    """ours: rows lost with synchronous_commit on; floor: with it off."""
    url = json.loads((demo.at.var / "postgres.urls").read_text())["app"]
    on = [_round(demo, url, "on", number) for number in range(kills)]
    off = [_round(demo, url, "off", number) for number in range(3)]
    lost, control = sum(row[1] for row in on), sum(row[1] for row in off)
    acknowledged = sum(row[0] for row in on)
    return [Result("durability", f"rows lost of {acknowledged}", control, lost, (lost / max(control, 1),), "0")]
