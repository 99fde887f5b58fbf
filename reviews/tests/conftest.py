"""A log that begins on 15 November 2026, and a log controller on the 25th: one whole week can be drawn, number 47."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from access.contexts import new_id
from access.models import Role, User
from access.registering import register_user
from access.tests.cast import ISSUER, NANCY, UNIT, person
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import Actor, Outcome, record
from organisations.models import Organisation
from patients.registry import patient_for
from reviews.models import LookUp, Review
from sundhedsjournal.tests.pages import check_page, words

DENMARK = ZoneInfo("Europe/Copenhagen")
BEGINS = datetime(2026, 11, 15, 12, tzinfo=DENMARK)
MONDAY = datetime(2026, 11, 16, tzinfo=DENMARK)
NOW = datetime(2026, 11, 25, 12, tzinfo=DENMARK)
HOSPITAL, WARD, ELSEWHERE = "999000000000110", "999000000000111", "999000000000120"
PAGES = "/admin/reviews/review/"
DRAW = {"organisation": f"sor:{HOSPITAL}", "halvaar": "2026-2"}


@pytest.fixture
def log(db: None) -> Iterator[Any]:
    """The clock of everybody, and a line with which the log begins."""
    for sor, name, parent in ((HOSPITAL, "Østfjord Universitetshospital", ""), (WARD, "Hjertesygdomme", HOSPITAL)):
        Organisation.objects.create(sor=sor, name=name, parent_sor=parent)
    with time_machine.travel(BEGINS) as clock:
        record(Action.SOR_IMPORTED, actor=Actor("system", subject="sundhedsjournal"))
        clock.move_to(NOW)
        yield clock


def looked(
    clock: Any,
    at: datetime,
    *actions: Action,
    by: str = "holm",
    cpr: str = NANCY,
    unit: str = WARD,
    context: str = "",
    ground: str = "",
    **changed: Any,
) -> str:
    """What the gate writes of a look-up that begins then, a minute for each page; returns its context."""
    user, context = person(by), context or new_id()
    actor = Actor("user", user.issuer, user.subject, user.pk, role=user.role, organisation=unit, **changed)
    extra = {"relation": "B", "evidence": "launch"} | ({"ground": ground} if ground else {})
    for minute, action in enumerate((Action.LAUNCH_OPENED, *actions)):
        clock.move_to(at + timedelta(minutes=minute))
        seen = f"Recording/{uuid.uuid4()}" if action == Action.EKG_RECORDING_VIEWED else ""
        record(
            action,
            actor=actor,
            patient=patient_for(cpr).pk,
            entity=seen,
            context=context,
            extra=extra if action == Action.LAUNCH_OPENED else None,
        )
    clock.move_to(NOW)
    return context


def many(clock: Any, number: int) -> None:
    for each in range(number):
        looked(clock, MONDAY + timedelta(hours=8, minutes=each), Action.OVERVIEW_VIEWED)


def controller(unit: str = HOSPITAL, name: str = "Karl Ontrol", **session: Any) -> Client:
    """A log controller whose login told this unit."""
    username = name.split()[0].lower()
    user = register_user(ISSUER, username, name=name, role=Role.LOG_CONTROLLER)
    return at(user, **{"organization": {"sor": unit}} | session)


def at(user: User, **session: Any) -> Client:
    client = Client()
    client.force_login(user)
    kept = client.session
    kept.update(session)
    kept.save()
    return client


def drawn(client: Client, **changed: str) -> Review:
    answer = client.post(f"{PAGES}traek/", DRAW | changed)
    assert answer.status_code == 302, text(answer)
    review = Review.objects.latest("drawn", "number")
    assert answer["Location"] == f"{PAGES}{review.pk}/change/"
    return review


def text(answer: Any) -> str:
    """What a page says; and that it is whole, labelled, with nothing inline."""
    return words(check_page(answer).find("body"))


@pytest.fixture
def events(log: Any) -> Callable[[], list[tuple[str, int, str]]]:
    """What was recorded since last asked: action, outcome, what it was about."""
    seen: set[Any] = set(AuditEvent.objects.values_list("id", flat=True))

    def since() -> list[tuple[str, int, str]]:
        new = [row for row in AuditEvent.objects.order_by("recorded", "id") if row.id not in seen]
        seen.update(row.id for row in new)
        return [(row.action, row.outcome, row.entity.partition("/")[0]) for row in new]

    return since


def mark(client: Client, review: Review, number: int, version: int = 0, **said: Any) -> Any:
    return client.post(f"{PAGES}{review.pk}/opslag/{number}/", {"vurdering": "reviewed", "version": version} | said)


def lookup(review: Review, number: int = 1) -> LookUp:
    return LookUp.objects.get(review=review, number=number)


__all__ = ["UNIT", "Outcome"]
