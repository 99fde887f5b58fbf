"""Every night each look of the day before is accounted for, and whoever looks after the running is told what is not."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from access.minlog.wire import post
from audit.actions import Action
from audit.minlog import delivery, reconciling
from audit.models import AuditEvent, MinLogRow
from audit.tests.conftest import Scratch
from audit.tests.minlog_peer import Peer
from audit.tests.minlog_queue import PERSONAL, looked

DAY = date(2026, 9, 3)
MIDDAY = datetime(2026, 9, 3, 12, tzinfo=UTC)


def reconcile(*arguments: str) -> tuple[list[str], list[str]]:
    """What it wrote, and what it complained of (exit code 1)."""
    said = StringIO()
    try:
        call_command("minlog_reconcile", *arguments, stdout=said)
    except CommandError as complaint:
        return said.getvalue().splitlines(), str(complaint).splitlines()
    return said.getvalue().splitlines(), []


def test_a_day_is_accounted_for_by_source_and_state(peer: Peer, queue: Scratch, settings: Any) -> None:
    with time_machine.travel(MIDDAY - timedelta(hours=12, microseconds=1), tick=False):
        looked()
    with time_machine.travel(MIDDAY, tick=False) as clock:
        looked(), looked(Action.EKG_PRINTED), looked(purpose="PATRQT"), looked(Action.EKG_IMAGE_FETCHED)
        delivery.sweep_once(post)
        settings.MINLOG["eoj"] = "source"
        looked(Action.EOJ_VIEWED)
        peer.fault = "processing_problem"
        looked(), looked(Action.OVERVIEW_VIEWED)
        delivery.sweep_once(post)
        MinLogRow.objects.filter(source="journal").update(state="dead")
        looked()
        MinLogRow.objects.filter(attempts=0, source="ekg").update(state="sending")
        clock.shift(timedelta(hours=12))
        settings.MINLOG_URL = "http://127.0.0.1:1/"
        lines, wrong = reconcile()
        assert lines == [
            "2026-09-03 ekg: 4 opslag = 2 registreret + 2 venter + 0 ikke af os + 0 opgivet",
            "2026-09-03 eoj: 1 opslag = 0 registreret + 0 venter + 1 ikke af os + 0 opgivet",
            "2026-09-03 journal: 1 opslag = 0 registreret + 0 venter + 0 ikke af os + 1 opgivet",
        ]
        assert [sentence[:17] for sentence in wrong] == ["Det ældste opslag", "1 opslag er opgiv"]
        MinLogRow.objects.exclude(state__in=["acked", "suppressed"]).update(
            state="suppressed", acked_at=None, key_id="", patient_cpr_enc=None, payload_enc=None
        )
        assert reconcile()[1] == []
        assert len(reconcile("--days", "2")[0]) == 6


def test_a_look_without_a_row_and_a_row_without_a_look_are_found(queue: Scratch, settings: Any) -> None:
    settings.MINLOG_URL = "http://127.0.0.1:1/"
    with time_machine.travel(MIDDAY + timedelta(days=10), tick=False):
        kept = looked()
        lost = looked()
        unseen = looked(Action.EOJ_VIEWED, None)  # somebody recorded a look past the gate
        with queue.raw("owner") as owner:
            owner.execute("DELETE FROM minlog_outbox WHERE event_id = %s", (lost,))
            owner.execute("UPDATE minlog_outbox SET source = 'journal' WHERE event_id = %s", (kept,))
        _, wrong = reconcile("--day", "2026-09-13")
    assert wrong == [
        "2026-09-13 ekg: 2 opslag, men 0 rækker til MinLog; 1 mangler.",
        "2026-09-13 eoj: 1 opslag, men 0 rækker til MinLog; 1 mangler.",
        "2026-09-13 journal: 0 opslag, men 1 række til MinLog; 0 mangler.",
        *(f"Mangler i køen: {key}." for key in sorted((lost, unseen))),
    ]
    assert not [word for word in PERSONAL if word in "".join(wrong)]


def test_days_are_those_of_utc_and_none_is_left_out(queue: Scratch) -> None:
    at = datetime(2026, 10, 5, tzinfo=UTC)
    for moment in (at - timedelta(microseconds=1), at, at + timedelta(days=1) - timedelta(microseconds=1)):
        with time_machine.travel(moment, tick=False):
            looked()
    told = {day: reconciling.accounts(day)[0] for day in reconciling.days(date(2026, 10, 6), 3)}
    assert [(account.reads, account.rows, account.balances) for account in told.values()] == [
        (1, 1, True), (2, 2, True), (0, 0, True),
    ]  # fmt: skip


@pytest.mark.django_db
def test_whoever_looks_after_the_running_sends_again_what_was_given_up(client: Client, settings: Any) -> None:
    user = get_user_model().objects.create_superuser("drift", password="x", role="operator")
    client.force_login(user)
    dead, waiting = looked(), looked()
    MinLogRow.objects.filter(pk=dead).update(state="dead", attempts=36, reason="minlog-timeout")
    address = reverse("admin:audit_minlogrow_changelist")
    page = client.get(address, {"state__exact": "dead"}).content.decode()
    assert "minlog-timeout" in page
    assert "opgivet" in page
    assert str(waiting) not in page
    opened = client.get(reverse("admin:audit_minlogrow_change", args=[dead])).content.decode()
    assert not [word for word in (*PERSONAL, "payload_enc", 'type="text"') if word in opened]
    assert client.post(reverse("admin:audit_minlogrow_delete", args=[dead])).status_code == 403

    chosen = {"action": "send_again", "_selected_action": [str(dead), str(waiting)]}
    answer = client.post(address, chosen, follow=True).content.decode()
    assert "ikke sat i kø igen" in answer
    assert (MinLogRow.objects.get(pk=dead).state, MinLogRow.objects.get(pk=dead).attempts) == ("pending", 0)
    events = AuditEvent.objects.filter(action="minlog.retried").order_by("entity")
    assert sorted(event.entity for event in events) == sorted(f"MinLogRow/{key}" for key in (dead, waiting))
    assert {event.actor_ref for event in events} == {user.pk}
