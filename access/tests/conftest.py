"""The rooms of these tests, and a way to read what they left in the audit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.tests.cast import NANCY, launched
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

Rows = Callable[[], list[tuple[str, int, str]]]


@pytest.fixture(autouse=True)
def _rooms(settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls"


@pytest.fixture
def events(db: None) -> Rows:
    """What was recorded since last asked: action, outcome, reason."""
    seen: set[Any] = set()

    def since() -> list[tuple[str, int, str]]:
        new = [row for row in AuditEvent.objects.order_by("recorded", "id") if row.id not in seen]
        seen.update(row.id for row in new)
        return [(row.action, row.outcome, row.reason) for row in new]

    return since


@pytest.fixture
def holm(db: None) -> Client:
    """A browser in which nobody is signed in yet."""
    return CheckingClient()


@pytest.fixture
def nancy(holm: Client, events: Rows) -> str:
    """Nancy's record, open in that browser as Anna Holm."""
    context = launched(holm, "holm", NANCY)
    events()
    return context
