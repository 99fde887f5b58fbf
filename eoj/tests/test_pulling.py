"""What changed at a gateway is fetched page by page, once, whatever happens on the way."""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from eoj import fetching, loading, pulling, tasks
from eoj.models import Gateway, Report
from eoj.tests.door import municipality
from eoj.tests.gateway import DATE, Fault, Peer, gateway
from eoj.tests.reports import MOBILITY, condition, incremental, report
from eoj.tests.test_loading import breaking, standing
from fhir.models import Delivery, Sender
from samples.population import reports

pytestmark = pytest.mark.django_db
PEOPLE = list(reports(12, 7))
SIZE = 5
LAST = -(-len(PEOPLE) // SIZE)
"""The number of the last page."""
SINCE = datetime(2026, 3, 12, 20, 50, tzinfo=UTC)
"""What the peer says of its time, less the overlap."""


@pytest.fixture
def peer() -> Iterator[Peer]:
    with gateway() as peer:
        peer.holds(*PEOPLE)
        yield peer


@pytest.fixture
def row(peer: Peer) -> Gateway:
    municipality("pulled")
    sender = Sender.objects.get(subject="pulled")
    return Gateway.objects.create(name="KL", base_url=peer.base, sender=sender, daily_at=time(5), count=SIZE)


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long we would have waited between tries."""
    pauses: list[float] = []
    monkeypatch.setattr(fetching, "sleep", pauses.append)
    return pauses


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = []
    monkeypatch.setattr(pulling, "ring", lambda task, about: heard.append((task, about)))
    return heard


def pull(row: Gateway) -> str | None:
    """One run by hand, and the row as it stands then."""
    ending = pulling.pull(row.pk, by_hand=True)
    row.refresh_from_db()
    return ending.value if ending else None


def breaks(error: BaseException, at: int) -> pytest.MonkeyPatch:
    """Loading goes wrong at this page, until it is undone."""
    real, turn = loading.load, iter(range(1, 1000))

    def load(lines: Any, sender: Sender) -> Iterator[loading.Progress]:
        if next(turn) == at:
            raise error
        return real(lines, sender)

    broken = pytest.MonkeyPatch()
    broken.setattr(pulling, "load", load)
    return broken


# ── all of it, once ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_everything_arrives_and_stands_as_if_it_had_come_to_the_door(peer: Peer, row: Gateway) -> None:
    with transaction.atomic():
        put = municipality("door")
        for each in PEOPLE:
            assert put(each).handling == "accepted"
        expected = standing()
        transaction.set_rollback(True)
    assert pull(row) == "done"
    assert standing() == expected != []
    assert peer.pages == list(range(1, LAST + 1))
    assert {each.headers["Accept"] for each in peer.asked} == {"application/fhir+json"}
    assert "_lastUpdated" not in peer.asked[0].query
    assert set(Delivery.objects.values_list("sender", "state")) == {(row.sender_id, "stored")}


def test_the_next_run_asks_for_what_changed_since_the_first_page_of_this_one(peer: Peer, row: Gateway) -> None:
    pull(row)
    assert (row.since, row.next_page, row.until, row.run) == (SINCE, "", None, None)
    peer.asked.clear()
    peer.holds(report(condition(MOBILITY, 2), id="i-dag"), at="2026-03-13T09:00:00Z")
    peer.made = "2026-03-13T21:00:00Z"
    assert pull(row) == "done"
    assert [each.query["_lastUpdated"] for each in peer.asked] == ["ge2026-03-12T20:50:00Z"]
    assert peer.asked[0].query["_sort"] == "_lastUpdated"
    assert row.told | {"noted": None} == {
        "pages": 1, "read": 1, "accepted": 1, "quarantined": 0, "known": 0, "noted": None,
    }  # fmt: skip
    assert Report.objects.count() == len(PEOPLE) + 1


@pytest.mark.parametrize(
    ("made", "date", "since"),
    [
        ("2026-03-12T21:00:00+01:00", DATE, SINCE - timedelta(hours=1)),
        (None, DATE, SINCE),
        (None, None, SINCE - timedelta(hours=1)),
    ],
)
def test_the_time_is_the_gateways_own(
    peer: Peer, row: Gateway, made: str | None, date: str | None, since: datetime
) -> None:
    peer.made, peer.date = made, date
    assert pull(row) == "done"
    assert row.since == since


def test_what_changes_during_a_run_is_not_missed(peer: Peer, row: Gateway) -> None:
    late = report(condition(MOBILITY, 2), id="sent")

    def meanwhile(page: int) -> None:
        if page == 3:  # among what has been given: this run's pages no longer show it
            peer.holds(late, at="2026-03-12T19:00:00Z")
            peer.holds(late | {"id": "senere"}, at="2026-03-12T21:10:00Z")
            peer.made = "2026-03-12T21:30:00Z"

    peer.on_page = meanwhile
    assert pull(row) == "done"
    assert row.since == SINCE, "not the time at which the run came to an end"
    peer.on_page = lambda _: None
    assert pull(row) == "done"
    assert Report.objects.filter(pk="senere").exists()


def test_the_size_of_a_page_may_change_between_runs(peer: Peer, row: Gateway) -> None:
    pull(row)
    Gateway.objects.update(count=1000, since=None)
    peer.asked.clear()
    assert pull(row) == "done"
    assert (peer.pages, row.told["known"]) == ([1], len(PEOPLE))


def test_a_bad_report_goes_to_quarantine_and_what_is_no_report_is_noted(peer: Peer, row: Gateway) -> None:
    peer.held.clear()
    peer.holds(report(condition(MOBILITY, 2), id="god"), report(condition(MOBILITY), id="daarlig"))
    peer.holds(incremental(report(condition(MOBILITY, 1), id="i-bunke")), at="2026-03-12T20:30:00Z")
    issue = {"severity": "warning", "code": "incomplete", "diagnostics": "CPR 2512489996"}
    others = [{"resourceType": "OperationOutcome", "issue": [issue]}, {"resourceType": "Patient", "id": "2512489996"}]
    deep: Any = "bund"
    for _ in range(300):
        deep = [deep]
    others.append({"resourceType": "Bundle", "id": "dyb", "extension": deep})

    def add(_number: int, page: Any) -> None:
        page["entry"] += [{"resource": each} for each in others] + [{}, None, {"resource": 7}]

    peer.change = add
    assert pull(row) == "done"
    assert set(Report.objects.values_list("pk", flat=True)) == {"god", "i-bunke"}
    assert Delivery.objects.get(state="quarantined").address == "daarlig"
    assert row.told["noted"] == {"warning:incomplete": 1, "Patient": 1, "unknown": 3, "too-deep": 1}


# ── broken off, and gone on with ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("error", "ending"), [(KeyboardInterrupt(), "stopped"), (OSError(28, "full"), "house"), (ValueError(), "house")]
)
def test_a_run_that_is_broken_off_goes_on_where_it_was(
    peer: Peer, row: Gateway, error: BaseException, ending: str
) -> None:
    broken = breaks(error, at=3)
    if isinstance(error, Exception):
        assert pull(row) == ending
    else:
        with pytest.raises(KeyboardInterrupt):
            pull(row)
    broken.undo()
    row.refresh_from_db()
    assert (row.ending, row.since, row.until, row.run) == (ending, None, SINCE + pulling.OVERLAP, None)
    peer.asked.clear()
    peer.made = "2026-03-13T21:00:00Z"
    assert pull(row) == "done"
    assert peer.pages == list(range(3, LAST + 1)), "what was done is not asked for again"
    assert row.since == SINCE, "the first page was made before the run was broken off"
    assert Report.objects.count() == len(PEOPLE)
    assert AuditEvent.objects.filter(action="eoj.stored").count() == len(PEOPLE)


def test_a_run_that_was_killed_is_taken_up_when_its_lease_is_over(
    peer: Peer, row: Gateway, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pulling._end
    monkeypatch.setattr(pulling, "_end", lambda *_: None)  # the process is gone: nobody gives the row back
    broken = breaks(KeyboardInterrupt(), at=3)
    with pytest.raises(KeyboardInterrupt):
        pulling.pull(row.pk)
    broken.undo()
    monkeypatch.setattr(pulling, "_end", real)
    tasks.pull(str(row.pk))
    assert (pulling.sweep_once(), peer.pages) == (0, [1, 2, 3]), "it could be alive still"
    Gateway.objects.update(lease=Now() - timedelta(seconds=1))
    assert (pulling.sweep_once(), rung) == (1, [("eoj.tasks.pull", row.pk)])
    tasks.pull(str(row.pk))
    row.refresh_from_db()
    assert (row.ending, peer.pages) == ("done", [1, 2, 3, *range(3, LAST + 1)])


def test_whoever_lost_its_lease_writes_no_more(peer: Peer, row: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []

    def told(how: pulling.Told) -> None:
        seen.append(how.pages)
        if how.pages == 2:
            Gateway.objects.update(run="00000000-0000-4000-8000-000000000000")

    assert pulling.pull(row.pk, by_hand=True, told=told) is None
    row.refresh_from_db()
    assert (seen, row.ending, row.run is None) == ([1, 2], "", False)
    assert "lost its lease" in caplog.text


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_the_gateway_has_forgotten_lets_the_run_begin_again(peer: Peer, row: Gateway, status: int) -> None:
    peer.faults[3] = [Fault(status)]
    assert pull(row) == "done", "also in the middle of a run"
    assert peer.pages == [1, 2, 3, *range(1, LAST + 1)]
    assert (row.since, Report.objects.count()) == (SINCE, len(PEOPLE))
    peer.faults[3] = [Fault(status)] * 2
    Gateway.objects.update(since=None)
    assert pull(row) == "refused", "but once only"


def test_a_kept_page_that_makes_no_sense_lets_the_run_begin_again(peer: Peer, row: Gateway) -> None:
    peer.faults[3] = [Fault(body=b"<html>"), Fault(body=b"<html>")]
    assert pull(row) == "not-fhir"
    peer.asked.clear()
    assert pull(row) == "done"
    assert peer.pages == [3, *range(1, LAST + 1)]


def test_a_next_link_that_looks_personal_is_followed_and_never_kept(peer: Peer, row: Gateway) -> None:
    kept: list[str] = []

    def personal(_number: int, page: Any) -> None:
        for link in page["link"]:
            link["url"] += "&who=2512489996"

    peer.change = personal
    look = lambda _: kept.extend(Gateway.objects.values_list("next_page", flat=True))  # noqa: E731
    assert pulling.pull(row.pk, told=look) == "done"
    assert kept == [""] * LAST


# ── what a gateway may get wrong ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        (Fault(body=b"<!DOCTYPE html><h1>Velkommen"), "not-fhir"),
        (Fault(body=b'{"resourceType": "Bundle", "type": "searchset", "entry": [{"resou'), "not-fhir"),
        (Fault(body=b"\x1f\x8b\x08", headers={"Content-Encoding": "gzip"}), "not-fhir"),
        (Fault(body=b"[" * 100_000), "not-fhir"),
        (Fault(body=b'{"resourceType": "OperationOutcome", "issue": []}'), "not-searchset"),
        (Fault(body=b'{"resourceType": "Bundle", "type": "collection"}'), "not-searchset"),
        (Fault(body=b"[]"), "not-searchset"),
        (Fault(302, headers={"Location": "https://elsewhere.invalid/"}), "redirected"),
        (Fault(401), "unauthorised"),
        (Fault(403), "unauthorised"),
        (Fault(400), "refused"),
        (Fault(404), "refused"),
        (Fault(204), "refused"),
    ],
)
def test_what_is_no_page_ends_the_run_with_a_sentence_and_moves_nothing(
    peer: Peer, row: Gateway, fault: Fault, ending: str
) -> None:
    peer.faults[1] = [fault]
    assert pull(row) == ending
    assert (row.since, row.next_page, row.run, row.ending) == (None, "", None, ending)
    assert row.get_ending_display().endswith(".")
    assert row.due <= timezone.now() + pulling.RETRY
    assert pull(row) == "done", "nothing was lost by it"
    assert Report.objects.count() == len(PEOPLE)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": ""}])
def test_a_page_larger_than_we_take_is_not_read_to_its_end(
    peer: Peer, row: Gateway, settings: Any, headers: dict[str, str]
) -> None:
    settings.FHIR_MAX_BODY = 1000
    peer.faults[1] = [Fault(body=b" " * 100_000, headers=headers)]
    assert pull(row) == "too-large"


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.invalid/fhir/Bundle?page=2",
        "http://localhost:{port}/fhir/Bundle?page=2",
        "http://127.0.0.1:1/fhir/Bundle?page=2",
        "https://127.0.0.1:{port}/fhir/Bundle?page=2",
        "//elsewhere.invalid/Bundle",
        "http://someone@127.0.0.1:{port}/fhir/Bundle?page=2",
        "http://127.0.0.1:{port}@elsewhere.invalid/",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
        "http://[::1",
        "/fhir/Bundle?page=2 HTTP/1.1\r\nX: y",
    ],
)
def test_a_next_page_anywhere_else_is_refused_and_nothing_is_sent_there(peer: Peer, row: Gateway, link: str) -> None:
    def mislead(number: int, page: Any) -> None:
        if number == 2:
            page["link"][-1]["url"] = link.format(port=peer.base.split(":")[2].split("/")[0])

    peer.change = mislead
    assert pull(row) == "elsewhere"
    assert peer.pages == [1, 2]
    assert Report.objects.count() == SIZE, "nothing of such a page is believed"


def test_two_gateways_never_meet_by_a_link(peer: Peer, row: Gateway) -> None:
    with gateway() as other:
        peer.change = lambda _, page: page["link"][-1].update(url=f"{other.base}/Bundle?_count=5&page=2")
        assert pull(row) == "elsewhere"
        assert other.asked == []


def test_a_relative_link_is_followed(peer: Peer, row: Gateway) -> None:
    def shorten(_number: int, page: Any) -> None:
        for link in page["link"]:
            link["url"] = "/" + link["url"].split("/", 3)[3]

    peer.change = shorten
    assert pull(row) == "done"
    assert Report.objects.count() == len(PEOPLE)


def test_a_link_back_to_a_page_of_this_run_ends_it(peer: Peer, row: Gateway) -> None:
    def back(number: int, page: Any) -> None:
        if number == 3:
            page["link"][-1]["url"] = page["link"][0]["url"].replace("page=3", "page=2")

    peer.change = back
    assert pull(row) == "endless"
    assert peer.pages == [1, 2, 3]


@pytest.mark.parametrize("empty", [True, False])
def test_pages_that_bring_nothing_new_end_the_run(peer: Peer, row: Gateway, empty: bool) -> None:
    def for_ever(number: int, page: Any) -> None:
        page["entry"] = [] if empty else peer.page({"_count": "5"})["entry"]
        page["link"] = [{"relation": "next", "url": f"{peer.base}/Bundle?_count=5&page={number + 1}"}]

    peer.change = for_ever
    assert pull(row) == "endless"
    assert len(peer.pages) <= pulling.IDLE + 2


def test_a_gateway_whose_clock_is_in_the_future_is_not_believed(peer: Peer, row: Gateway) -> None:
    peer.made = (timezone.now() + timedelta(days=300)).isoformat(timespec="seconds")
    assert pull(row) == "clock"
    assert row.since is None
    future, peer.made, peer.date = peer.made, None, None
    peer.change = lambda _, page: page["entry"][0]["resource"]["meta"].update(lastUpdated=future)
    assert pull(row) == "clock", "nor a report's time, when the gateway tells none"


# ── what may go better in a moment ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fault", [Fault(500), Fault(503), Fault(429), Fault(body=b'{"resourceType"', hang_up=True)])
def test_what_may_pass_is_tried_again_and_the_run_goes_on(
    peer: Peer, row: Gateway, waited: list[float], fault: Fault
) -> None:
    peer.faults[2] = [fault, fault]
    assert pull(row) == "done"
    assert (waited, peer.pages) == ([1.0, 5.0], [1, 2, 2, 2, *range(3, LAST + 1)])


@pytest.mark.parametrize(
    ("said", "pause"),
    [("7", 7.0), ("0", 0.0), ("Thu, 12 Mar 2026 21:00:40 GMT", 40.0), ("Thu, 12 Mar 2026 20:00:00 GMT", 0.0),
     ("soon", 1.0), ("-3", 1.0)],
)  # fmt: skip
def test_the_gateway_says_when_to_try_again(
    peer: Peer, row: Gateway, waited: list[float], said: str, pause: float
) -> None:
    peer.faults[1] = [Fault(429, headers={"Retry-After": said})]
    assert pull(row) == "done"
    assert waited == [pause]


def test_a_long_wait_is_left_to_the_next_run(peer: Peer, row: Gateway, waited: list[float]) -> None:
    peer.faults[2] = [Fault(503, headers={"Retry-After": "3600"})]
    Gateway.objects.update(daily_at=None, every_hours=100)
    before = timezone.now()
    assert pull(row) == "busy"
    assert (waited, peer.pages) == ([], [1, 2])
    assert row.due >= before + timedelta(hours=1)


def test_what_does_not_pass_ends_the_run_which_is_due_again_soon(peer: Peer, row: Gateway, waited: list[float]) -> None:
    peer.faults[2] = [Fault(500)] * 4
    Gateway.objects.update(daily_at=None, every_hours=100)
    assert pull(row) == "busy"
    assert (waited, len(peer.asked)) == ([1.0, 5.0, 25.0], 5)
    assert row.due <= timezone.now() + pulling.RETRY
    peer.asked.clear()
    assert pull(row) == "done"
    assert peer.pages == list(range(2, LAST + 1))


@pytest.mark.parametrize("limit", ["SILENCE", "WHOLE"])
def test_a_gateway_that_keeps_us_waiting_is_hung_up_on(
    peer: Peer, row: Gateway, waited: list[float], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(fetching, limit, 0.1)
    stall = threading.Event()
    peer.faults[1] = [Fault(body=b"x" * 100, stall=stall)] * 4
    try:
        assert pull(row) == "unreachable"
    finally:
        stall.set()
    assert waited == [1.0, 5.0, 25.0]


def test_a_gateway_that_is_not_there_is_told(row: Gateway, waited: list[float]) -> None:
    with gateway() as gone:
        nowhere = gone.base
    Gateway.objects.update(base_url=nowhere)
    assert pull(row) == "unreachable"


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    row: Gateway, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    (tmp_path / "tokens").mkdir()
    settings.EOJ_GATEWAY_TOKENS = str(tmp_path / "tokens")
    with gateway(lambda line: context.wrap_socket(line, server_side=True)) as peer:
        peer.base = peer.base.replace("http:", "https:")
        (tmp_path / "tokens" / f"127.0.0.1_{peer.base.split(':')[2].split('/')[0]}").write_text("hemmelig")
        Gateway.objects.update(base_url=peer.base)
        assert (pull(row), peer.asked) == ("untrusted", [])
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert pull(row) == "done"
        assert peer.asked[0].headers["Authorization"] == "Bearer hemmelig"


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate of its own making, and the file to trust it by."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, host = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(host, critical=True).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, folder / "key.pem")
    return context, file


# ── the token ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def tokens(peer: Peer, tmp_path: Path, settings: Any) -> Path:
    """Where the peer's token lies."""
    settings.EOJ_GATEWAY_TOKENS = str(tmp_path)
    return tmp_path / f"127.0.0.1_{peer.base.split(':')[2].split('/')[0]}"


def test_the_token_goes_to_its_own_host_and_nowhere_else(
    peer: Peer, row: Gateway, tokens: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens.write_text("hemmelig\n")
    peer.faults[3] = [Fault(403)]
    assert pull(row) == "unauthorised"
    assert {each.headers["Authorization"] for each in peer.asked} == {"Bearer hemmelig"}
    tokens.write_text("nyt")
    assert pull(row) == "done"
    assert peer.asked[-1].headers["Authorization"] == "Bearer nyt", "a new token is used at once"
    with gateway() as other:
        Gateway.objects.update(base_url=other.base)
        pull(row)
        assert "Authorization" not in other.asked[0].headers
    written = str(Gateway.objects.values().get()) + str(list(AuditEvent.objects.values())) + caplog.text
    assert "hemmelig" not in written
    assert "nyt" not in written


@pytest.mark.parametrize("said", [b"hem\nmelig", b"", "hemmelig\u00e5".encode(), b"\xff"])
def test_a_token_that_cannot_be_a_token_is_told_and_not_sent(
    peer: Peer, row: Gateway, tokens: Path, said: bytes
) -> None:
    tokens.write_bytes(said)
    assert (pull(row), peer.asked) == ("token", [])


# ── when, and who ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sweep_rings_for_what_is_due_once_a_minute_until_a_worker_comes(row: Gateway, rung: list[Any]) -> None:
    bell = ("eoj.tasks.pull", row.pk)
    assert (pulling.sweep_once(), pulling.sweep_once(), rung) == (1, 0, [bell])
    Gateway.objects.update(rung=Now() - timedelta(minutes=1))
    assert (pulling.sweep_once(), rung) == (1, [bell, bell])
    for changes in ({"due": Now() + timedelta(seconds=9)}, {"due": Now(), "active": False}):
        Gateway.objects.update(rung=None, **changes)
        assert pulling.sweep_once() == 0


def test_a_ring_that_comes_twice_or_late_fetches_nothing(peer: Peer, row: Gateway) -> None:
    tasks.pull(str(row.pk))
    asked = len(peer.asked)
    tasks.pull(str(row.pk))
    Gateway.objects.update(due=Now(), active=False)
    tasks.pull(str(row.pk))
    tasks.pull("00000000-0000-4000-8000-000000000000")
    assert len(peer.asked) == asked == LAST


def test_of_two_pulls_at_once_one_runs(peer: Peer, row: Gateway) -> None:
    second = []
    assert pulling.pull(row.pk, told=lambda _: second.append(pulling.pull(row.pk, by_hand=True))) == "done"
    assert set(second) == {None}
    assert peer.pages == list(range(1, LAST + 1))


@pytest.mark.parametrize(
    ("now", "daily_at", "every", "due"),
    [
        ("2026-11-24T03:59:59Z", time(5), None, "2026-11-24T04:00:00Z"),
        ("2026-11-24T04:00:00Z", time(5), None, "2026-11-25T04:00:00Z"),
        ("2026-11-24T23:30:00Z", time(0, 15), None, "2026-11-25T23:15:00Z"),
        ("2026-03-28T12:00:00Z", time(5), None, "2026-03-29T03:00:00Z"),  # summer time begins
        ("2026-03-28T12:00:00Z", time(2, 30), None, "2026-03-29T01:30:00Z"),  # an hour that is not there
        ("2026-10-25T00:30:00Z", time(2, 30), None, "2026-10-26T01:30:00Z"),  # one that comes twice
        ("2026-11-24T03:00:00Z", None, 6, "2026-11-24T09:00:00Z"),
    ],
)
def test_the_plan_holds_by_our_own_clocks_on_the_wall(
    now: str, daily_at: time | None, every: int | None, due: str
) -> None:
    assert pulling.next_due(datetime.fromisoformat(now), daily_at, every) == datetime.fromisoformat(due)


@pytest.mark.parametrize("changes", [{"active": False}, {"kinds": ["ekg"]}])
def test_a_sender_that_may_not_deliver_may_not_be_fetched_for(
    peer: Peer, row: Gateway, changes: dict[str, Any]
) -> None:
    Sender.objects.update(**changes)
    assert (pull(row), peer.asked) == ("sender", [])


def test_each_run_leaves_one_event(peer: Peer, row: Gateway) -> None:
    peer.faults[1] = [Fault(401)]
    pull(row)
    pull(row)
    events = AuditEvent.objects.filter(action="eoj.pulled").order_by("id")
    assert [(each.actor_kind, each.entity, each.outcome, each.reason) for each in events] == [
        ("system", row.ref, 4, "unauthorised"), ("system", row.ref, 0, "done"),
    ]  # fmt: skip


def test_a_run_that_cannot_be_recorded_is_not_over(peer: Peer, row: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("audit is gone")

    monkeypatch.setattr("audit.record._insert", refuse)
    with pytest.raises(Exception, match="pulled"):
        pulling.pull(row.pk)
    row.refresh_from_db()
    assert (row.since, row.run is None, row.ending) == (None, False, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://gateway.example.dk/fhir"},
        {"base_url": "https://gateway.example.dk/fhir/"},
        {"base_url": "https://bruger:kode@gateway.example.dk/fhir"},
        {"base_url": "https://gateway.example.dk/fhir?token=x"},
        {"base_url": "ftp://gateway.example.dk"},
        {"base_url": "https://gateway.example.dk\n"},
        {"every_hours": 3},
        {"daily_at": None},
        {"daily_at": None, "every_hours": 0},
        {"count": 0},
        {"name": ""},
        {"lease": Now()},
    ],
)
def test_a_row_that_makes_no_sense_cannot_be_kept(row: Gateway, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Gateway.objects.update(**changes)


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_command_tells_page_by_page_and_begins_again_from_a_moment(
    peer: Peer, row: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("pull_eoj")
    said = capsys.readouterr()
    assert said.out == "KL: Alt er hentet.\n"
    assert said.err.count("\n") == LAST
    assert said.err.startswith("side 1: 5 læst: 5 modtaget")
    peer.asked.clear()
    call_command("pull_eoj", "KL", "--again-from", "2026-03-01")
    assert peer.asked[0].query["_lastUpdated"] == "ge2026-02-28T23:00:00Z"
    call_command("pull_eoj", "KL", "--again-from", "2026-03-12T12:00:00+01:00")
    assert peer.asked[-1].query["_lastUpdated"] == "ge2026-03-12T11:00:00Z"


def test_the_command_goes_on_when_a_report_fails_at_us_and_tells_how_many(
    peer: Peer, row: Gateway, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [each["id"] for each in PEOPLE]
    breaking(monkeypatch, "eoj.applying.row", {ids[1], ids[SIZE]}, ZeroDivisionError())
    call_command("pull_eoj", "KL")
    said = capsys.readouterr()
    assert said.out == "KL: Alt er hentet.\n"
    assert "2 i karantæne" in said.err.splitlines()[-1]
    assert set(Report.objects.values_list("pk", flat=True)) == {*ids} - {ids[1], ids[SIZE]}
    held = Delivery.objects.filter(state="quarantined")
    assert {(each.address, each.reason) for each in held} == {(ids[at], "care-report-failed") for at in (1, SIZE)}
    row.refresh_from_db()
    assert (row.since, row.told["quarantined"], row.told["accepted"]) == (SINCE, 2, len(ids) - 2)


def test_the_command_fails_with_a_sentence(peer: Peer, row: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, sentence in (
        (["SDS"], "ingen gateway med navnet SDS"),
        (["KL", "--again-from", "i går"], "hverken en dato"),
        (["KL", "--again-from", "2026-13-01"], "hverken en dato"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("pull_eoj", *arguments)
    peer.faults[1] = [Fault(401)]
    with pytest.raises(CommandError, match="1 af 1"):
        call_command("pull_eoj", "KL")
    assert "KL: Gatewayen afviste vores adgangsbevis." in capsys.readouterr().out
    Gateway.objects.update(run="00000000-0000-4000-8000-000000000000", lease=Now() + timedelta(minutes=1))
    with pytest.raises(CommandError, match="1 af 1"):
        call_command("pull_eoj")
    assert "en anden kørsel er i gang" in capsys.readouterr().err


# ── in the administration ───────────────────────────────────────────────────────────────────────────────────────────
def test_an_administrator_sees_how_it_went_and_can_ask_for_more(
    peer: Peer, row: Gateway, admin: Callable[..., Any], rung: list[Any]
) -> None:
    peer.faults[1] = [Fault(401)]
    pull(row)
    assert "Gatewayen afviste vores adgangsbevis." in admin("changelist")
    assert pulling.sweep_once() == 0
    admin("changelist", post={"action": "pull_now", "_selected_action": [str(row.pk)]})
    assert pulling.sweep_once() == 1
    pull(row)
    shown = admin("change", row.pk)
    assert "Alt er hentet." in shown
    assert f"læst: {len(PEOPLE)}" in shown
    changed = list(AuditEvent.objects.filter(action="admin.changed").values_list("entity", flat=True))
    assert changed == [row.ref]


def test_an_administrator_adds_and_changes_but_never_what_a_run_remembers(
    peer: Peer, row: Gateway, admin: Callable[..., Any]
) -> None:
    told = {"name": "Ny", "base_url": "https://gateway.example.dk/fhir", "sender": str(row.sender_id), "active": "on",
            "daily_at": "05:30", "every_hours": "", "count": "100"}  # fmt: skip
    admin("add", post=told)
    added = Gateway.objects.get(name="Ny")
    assert (added.since, added.ending, added.due > timezone.now()) == (None, "", True), "at its next time"
    for wrong, sentence in (
        ({"base_url": "http://gateway.example.dk"}, "https-adresse uden skråstreg"),
        ({"every_hours": "6"}, "Vælg enten"),
    ):
        assert sentence in admin("change", added.pk, post=told | wrong)
    pull(row)
    same = told | {"name": "KL", "base_url": peer.base, "count": "7"}
    admin("change", row.pk, post=same | {"since_0": "2001-01-01", "since_1": "00:00"})
    row.refresh_from_db()
    assert (row.count, row.since) == (7, SINCE)
    with gateway() as other:
        admin("change", row.pk, post=same | {"base_url": other.base})
    row.refresh_from_db()
    assert (row.since, row.next_page) == (None, ""), "another place is begun from its beginning"


@pytest.fixture
def admin(client: Any) -> Callable[..., str]:
    """Somebody who may do everything in the administration: gives a page's text."""
    client.force_login(get_user_model().objects.create_superuser("drift", password="x"))

    def page(name: str, *args: Any, post: dict[str, Any] | None = None) -> str:
        address = reverse(f"admin:eoj_gateway_{name}", args=args)
        answer = client.get(address) if post is None else client.post(address, post)
        assert answer.status_code in (200, 302)
        return str(answer.content.decode())

    return page
