"""What stands in the logs, however a fault words itself."""

import io
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from sundhedsjournal.logs import NoCpr

ROW = "DETAIL:  Failing row contains (7, 2512489996, Nancy Ann Berggren, forkammerflimren\nog mere, 2026)."


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What the product's own handler has written."""
    written, handlers = io.StringIO(), logging.getLogger().handlers
    ours: Any = next(one for one in handlers if isinstance(one.formatter, NoCpr))
    monkeypatch.setattr(ours, "stream", written)
    return written.getvalue


@pytest.mark.django_db
def test_a_fault_is_logged_without_the_number_and_the_row_that_its_words_hold(logged: Callable[[], str]) -> None:
    fault = IntegrityError(f'new row violates check constraint "patients_patient_cpr" (2512489996)\n{ROW}')
    fault.__cause__ = ValueError(f"duplicate key\n{ROW}")
    with patch("access.views.render", side_effect=fault):
        assert Client(raise_request_exception=False).get("/").status_code == 500
    lines = logged()
    assert "Traceback" in lines
    assert "The above exception was the direct cause" in lines
    assert "patients_patient_cpr" in lines
    for word in ("2512489996", "Berggren", "forkammerflimren", "og mere"):
        assert word not in lines


@pytest.mark.django_db
def test_an_address_writes_no_line_of_its_own(logged: Callable[[], str]) -> None:
    Client().get("/k/x%0a2026-11-27 INFO forged%1b[2J 2512489996/ekg/")
    lines = logged()
    assert "forged" in lines
    assert not any("forged" in line and "GET" not in line and "/k/" not in line for line in lines.splitlines())
    assert "\x1b" not in lines
    assert "2512489996" not in lines


@pytest.mark.django_db
def test_the_time_of_a_line_is_in_utc_and_says_so(logged: Callable[[], str]) -> None:
    with time_machine.travel(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), tick=False):  # half past two, the second time
        Client().get("/")
    (line,) = [line for line in logged().splitlines() if "GET /" in line]
    assert re.match(r"2026-10-25T01:30:00\.000\+00:00 INFO sundhedsjournal\.access ", line)
