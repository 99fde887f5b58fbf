"""The security checklist of the design (ACCESS.md §10), 1–8 and 25–27: what every answer and every address says."""

import io
import logging
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as house
from django.test import Client
from django.utils import timezone

from access.models import PatientContext, User
from access.oidc import fetching
from access.tests.blocks import block
from access.tests.cast import (
    NANCY,
    TICKETS,
    arrived,
    ask_ticket,
    assertion,
    came_back,
    claims,
    key,
    launched,
    own,
    person,
    signed_in,
    ticket,
    wish,
)
from access.tests.conftest import Rows
from ekg.models import PageImage, Recording
from ekg.tests import making
from fhir import blobs
from sundhedsjournal.logs import NoCpr
from sundhedsjournal.tests.addresses import MAP, RECORD, ROUTES, address
from sundhedsjournal.tests.pages import CheckingClient, parsed

pytestmark = pytest.mark.django_db
CROSS = {"Sec-Fetch-Site": "cross-site"}
PERSONAL = (NANCY, "251248-9996", "Berggren")
Turn = Callable[[], Client]


@pytest.fixture(autouse=True)
def _whole_house(settings: Any) -> None:
    settings.ROOT_URLCONF = "sundhedsjournal.urls"
    settings.STATIC_ROOT = house.BASE_DIR / "static"
    settings.MANUAL_LOOKUP = True


@pytest.fixture
def recording() -> Recording:
    """Nancy's one recording, drawn."""
    return drawn(NANCY)


def drawn(cpr: str) -> Recording:
    one = making.one(making.document(cpr, making.recording(note="V1 og V2 er byttet om."), cpr=cpr))
    PageImage.objects.create(
        recording=one, number=1, sha256=blobs.put(b"\x89PNG"), size=4, width=1754, height=1240, width_mm=297,
        height_mm=210,
    )  # fmt: skip
    Recording.objects.filter(pk=one.pk).update(preview="ready", preview_next_try=None)
    return one


@pytest.fixture
def over_https(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Turn:
    """Turns the house to https, by the settings that an https SITE_URL makes; a browser behind the proxy for TLS."""
    signed_in(CheckingClient(), "kvist")  # the issuer has fetched our keys
    known = {"SITE_URL": "https://testserver", "SJ_DEMO": "0", "SJ_VAR": str(tmp_path), "SECRET_KEY": "x" * 50}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path(str(house.BASE_DIR / "sundhedsjournal" / "settings.py"))

    def turn() -> Client:
        for name, value in made.items():
            if name.startswith(("SESSION_COOKIE", "CSRF_COOKIE", "SECURE", "SITE_URL", "ALLOWED_HOSTS")):
                setattr(settings, name, value)
        # The issuer of the tests has no TLS; what may be asked is the matter of other tests.
        monkeypatch.setattr(fetching, "is_safe", lambda url: True)
        return CheckingClient(headers={"X-Forwarded-Proto": "https"})

    return turn


def launched_over_https(turn: Turn) -> tuple[Client, str, list[Any]]:
    """Nancy's record, opened by ticket and login; also every answer on the way."""
    a_ticket = ticket("holm", NANCY)
    browser = turn()
    answers = [browser.post("/launch/ticket", {"ticket": a_ticket}, headers=CROSS)]
    path = answers[0]["Location"]
    answers.append(browser.get(path))
    answers += [came_back(browser, answers[1], claims("holm")), browser.get(path)]
    answers.append(browser.get(answers[-1]["Location"]))
    assert [answer.status_code for answer in answers] == [303, 303, 302, 303, 200]
    return browser, PatientContext.objects.get(patient__cpr=NANCY).pk, answers


def every_answer(turn: Turn, recording: Recording) -> Iterator[tuple[str, Any]]:
    """What every address of the site answers over https, to nobody and to a doctor; redirects, faults and files too."""
    browser, context, way = launched_over_https(turn)
    yield from (("launch", answer) for answer in way)
    nobody = turn()
    for route in sorted(ROUTES, key=lambda route: RECORD not in route):  # before anybody signs out
        path = address(route, context=context, recording_id=recording.pk)
        yield f"{path} nobody", nobody.get(path)
        yield f"{path} holm", browser.get(path)
        yield f"{path} holm POST", browser.post(path.replace("/luk", "/cpr"))
    yield "fragment", browser.get(f"/k/{context}/ekg/{recording.pk}/", headers={"HX-Request": "true"})
    file: Any = nobody.get("/static/css/base.css")
    assert b"".join(file.streaming_content)
    yield "static", file
    yield "no such page", nobody.get("/findes/ikke")
    yield "method", nobody.delete("/")
    faulty = Client(raise_request_exception=False, headers={"X-Forwarded-Proto": "https"})
    with patch("access.views.render", side_effect=ZeroDivisionError), silence():
        yield "fault", faulty.get("/")


seen: list[tuple[str, Any]] = []


@pytest.fixture
def answers(request: pytest.FixtureRequest) -> list[tuple[str, Any]]:
    """All of them, asked for once: the tests look at one thing each."""
    if not seen:
        seen.extend(every_answer(request.getfixturevalue("over_https"), request.getfixturevalue("recording")))
    return seen


@contextmanager
def silence() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def directives(answer: Any) -> dict[str, list[str]]:
    told = (part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip())
    return {name: values for name, *values in told}


def test_01_the_session_cookie_is_host_only_and_no_other_cookie_opens_anything(over_https: Turn) -> None:
    browser, context, way = launched_over_https(over_https)
    set_here = [morsel for answer in way for morsel in answer.cookies.values() if morsel.value]
    assert "__Host-sj" in {morsel.key for morsel in set_here}
    for morsel in set_here:
        assert morsel.key.startswith(("__Host-", "__Secure-")), morsel.key
        assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "Lax"), morsel.key
        assert not morsel["domain"], morsel.key
        if morsel.key.startswith("__Host-"):
            assert morsel["path"] == "/"
        else:  # of one launch or one sign-in: good for its own address alone
            assert morsel["path"].startswith(("/launch/", "/login/callback"))
    held = {name: morsel.value for name, morsel in browser.cookies.items() if morsel.value}
    for names, status in (({"__Host-sj"}, 200), (held.keys() - {"__Host-sj"}, 401)):
        other = over_https()
        for name in names:
            other.cookies[name] = held[name]
        assert other.get(f"/k/{context}/ekg/").status_code == status


def test_02_every_answer_says_https_for_more_than_a_year_and_for_subdomains(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        told = dict(re.findall(r"([\w-]+)=?(\d*)", answer.get("Strict-Transport-Security", "")))
        assert int(told.get("max-age", 0)) >= 31_536_000, name
        assert "includeSubDomains" in told, name


def test_02_a_plain_address_leads_to_https_and_nowhere_else(over_https: Turn) -> None:
    over_https()
    plain = Client().get("/k/x/ekg/?kilde=1")
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/k/x/ekg/?kilde=1")


def test_03_every_page_has_a_policy_that_runs_nothing_but_our_own_files(answers: list[tuple[str, Any]]) -> None:
    pages = 0
    for name, answer in answers:
        if answer.get("Content-Type", "").startswith("text/html"):
            pages += 1
            told = directives(answer)
            assert told["object-src"] == told["base-uri"] == told["default-src"] == ["'none'"], name
            assert not {"'unsafe-inline'", "'unsafe-eval'"} & {value for values in told.values() for value in values}
            assert told["script-src"] == ["'self'"], name
    assert pages > 100


def test_04_nothing_is_sniffed_and_a_pdf_is_a_pdf_that_can_do_nothing(answers: list[tuple[str, Any]]) -> None:
    pdfs = []
    for name, answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff", name
        if answer.get("Content-Type") == "application/pdf":
            pdfs.append(answer)
    (pdf,) = pdfs
    assert pdf.content.startswith(b"%PDF-")
    told = directives(pdf)
    assert told["default-src"] == ["'none'"]
    assert told["sandbox"] == []
    assert pdf.request["PATH_INFO"].endswith("/original.pdf")


def test_05_no_answer_lets_a_browser_tell_where_it_came_from(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        assert answer["Referrer-Policy"] == "no-referrer", name


def test_06_no_answer_may_be_framed(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        assert directives(answer)["frame-ancestors"] == ["'none'"], name


# ── 7 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
SERVERS = {
    "fhir", "fhir/", "fhir/Bundle", "fhir/Bundle/<str:address>", "fhir/metadata", "fhir/<path:elsewhere>",
    "fhir/AuditEvent", "fhir/AuditEvent/_search", "fhir/AuditEvent/<str:event_id>",
    "api/launch-tickets", "api/contexts/<str:session_ref>/close", "login/backchannel-logout",
}  # fmt: skip
"""Asked by servers, that prove themselves by a signature and send no cookie."""


def test_07_every_form_needs_its_token_but_that_of_the_ticket(recording: Recording) -> None:
    without = {route for route, view, _ in MAP if getattr(view, "csrf_exempt", False)}
    assert without == SERVERS | {"launch/ticket"}
    browser = CheckingClient(enforce_csrf_checks=True)
    context = launched(browser, "holm", NANCY)
    for route in ROUTES:
        if route not in without:
            answer = browser.post(address(route, context=context, recording_id=recording.pk), {"issuer": "1"})
            assert answer.status_code == 403, route
            assert "hent siden igen" in answer.content.decode(), route
    assert browser.get(f"/k/{context}/ekg/").status_code == 200


def kept() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables but the log, with what is told of it elsewhere, and the sessions."""
    beside = {"AuditEvent", "MinLogRow", "Session"}
    models = [each for each in apps.get_models() if each.__name__ not in beside and each._meta.managed]
    return {each.__name__: list(each._base_manager.order_by("pk").values()) for each in models}


def test_07_no_get_changes_anything(recording: Recording) -> None:
    """What takes a one-time secret of a POST is the second half of that POST (ADR 0010, 0021): here nobody has one."""
    holm, nancy, drift = CheckingClient(), CheckingClient(), CheckingClient()
    context, hers = launched(holm, "holm", NANCY), own(nancy, "nancy")
    block("period", data_from="2000-01-01", data_to="2000-01-02")
    User.objects.filter(pk=person("drift").pk).update(is_staff=True, is_superuser=True)
    drift.force_login(User.objects.get(username="drift"))
    before = kept()
    with time_machine.travel(timezone.now(), tick=False):  # "still here" is noted once a minute
        for route in ROUTES:
            own_door, room = route.startswith("borger/"), route.startswith("admin/")
            path = address(route, context=hers if own_door else context, recording_id=recording.pk)
            for asking in (CheckingClient(), drift if room else nancy if own_door else holm):
                asking.get(path)
                asking.head(path)
    after = kept()
    assert [name for name in before if before[name] != after[name]] == []


def test_07_the_ticket_s_endpoint_takes_nothing_but_a_fresh_ticket_of_a_proven_system(events: Rows) -> None:
    browser, stale = CheckingClient(), ticket("holm", NANCY)
    assert arrived(browser, stale).startswith("/launch/")
    events()
    other = key("P-384")
    tries = {
        "unsigned": assertion(TICKETS).rsplit(".", 1)[0] + ".",
        "signed by another": assertion(TICKETS, signed_by=other, header={"alg": "ES384"}),
        "expired": assertion(TICKETS, exp=1),
        "for another audience": assertion("/launch/ticket"),
    }
    for name, bearer in tries.items():
        answer = ask_ticket(wish("holm", NANCY), bearer)
        assert answer.status_code == 401, name
        assert "ticket" not in answer.json(), name
    once = assertion(TICKETS)
    assert [ask_ticket(wish("holm", NANCY), once).status_code for _ in range(2)] == [200, 401]
    for given in ("", stale, assertion(TICKETS), "x" * 43):
        assert CheckingClient().post("/launch/ticket", {"ticket": given}, headers=CROSS).status_code in {403, 410}
    refused = [row for row in events() if row[1]]
    assert {row[0] for row in refused} == {"launch_ticket.refused", "launch.refused"}
    assert len(refused) == len(tries) + 1 + 4


# ── 8, 25–27 ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_08_pictures_and_files_are_refused_to_another_site_s_page(recording: Recording, events: Rows) -> None:
    staff, citizen = CheckingClient(), CheckingClient()
    for asking, base in (
        (staff, f"/k/{launched(staff, 'holm', NANCY)}"),
        (citizen, f"/borger/{own(citizen, 'nancy')}"),
    ):
        for rest in ("original.pdf", "side/1/150"):
            path = f"{base}/ekg/{recording.pk}/{rest}"
            assert asking.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
            events()
            answer = asking.get(path, headers=CROSS)
            assert answer.status_code == 403
            assert events() == [("access.refused", 4, "cross-site")]
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def linked(answer: Any) -> set[str]:
    """Every address that an answer names."""
    found = {answer[name] for name in ("Location", "HX-Redirect", "Refresh") if name in answer}
    if answer.get("Content-Type", "").startswith("text/html") and answer.content:
        html = answer.content.decode()
        root = parsed(html, fragment="<html" not in html[:200].lower())
        attributes = ("href", "src", "action", "hx-get", "hx-post", "formaction")
        found |= {
            element.get(name)
            for element in root.iter()
            if isinstance(element.tag, str)
            for name in attributes
            if element.get(name)
        }
    return found


def test_25_no_address_that_the_site_names_says_anything_about_anybody(recording: Recording) -> None:
    """The same is asked of a real browser on the whole demo, by sundhedsjournal/tests/browser/test_crawl.py."""
    a_ticket, browser = ticket("holm", NANCY), CheckingClient()
    answers = [browser.post("/launch/ticket", {"ticket": a_ticket}, headers=CROSS)]
    path = answers[0]["Location"]
    answers.append(browser.get(path))
    back = came_back(browser, answers[1], claims("holm"))
    answers += [back, browser.get(path)]
    waiting, asked = [answers[-1]["Location"]], set()
    block("period", data_from="2000-01-01", data_to="2000-01-02")
    while waiting:
        here = waiting.pop()
        asked.add(here)
        answers.append(browser.get(here))
        links = {urlsplit(urljoin(here, link))._replace(fragment="").geturl() for link in linked(answers[-1])}
        below = {link for link in links if link.startswith("/k/") and not link.endswith(("/luk", "/cpr"))}
        waiting = [*({*waiting, *below} - asked)]
    opened = [path for path in asked if "/ekg/" in path or "/kommune/" in path]
    assert len(opened) >= 6
    secrets = (*PERSONAL, "Nancy", a_ticket, str(browser.session.session_key), "eyJ")
    named = {unquote(one) for answer in answers for one in linked(answer)}
    assert not [(secret, one) for secret in secrets for one in named if secret in one]


def test_26_no_page_of_a_record_is_kept_and_signing_out_empties_the_browser(recording: Recording) -> None:
    for door in ("k", "borger"):
        browser = CheckingClient()
        context = launched(browser, "holm", NANCY) if door == "k" else own(browser, "nancy")
        for route in ROUTES:
            if route.startswith(f"{door}/{RECORD}") and not route.endswith(("luk", "slut")):
                path = address(route, context=context, recording_id=recording.pk)
                answer = browser.post(path) if route.endswith("cpr") else browser.get(path)
                assert answer["Cache-Control"] == "no-store", route
        answer = browser.post("/log-ud/")
        assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    sources = "".join(file.read_text() for file in (house.BASE_DIR / "static" / "js").glob("*.js"))
    stores = re.findall(r"(?:local|session)Storage[.\w]*|indexedDB|caches\.\w+|document\.cookie|serviceWorker", sources)
    assert set(stores) == {"sessionStorage.clear"}


SEEDED = "0101709995"
"""Brought in wherever a person or a program could write a number."""


def test_27_no_log_line_holds_a_number_or_a_secret(recording: Recording) -> None:
    """Through the handler that production has, with everything that can be logged turned on."""
    written = io.StringIO()
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one.formatter, NoCpr))
    assert isinstance(handler, logging.StreamHandler)
    root, before, level = logging.getLogger(), handler.setStream(written), logging.getLogger().level
    root.setLevel(logging.DEBUG)
    try:
        browser, a_ticket = CheckingClient(), ticket("holm", NANCY)
        path = arrived(browser, a_ticket)
        left = browser.get(path)
        back = came_back(browser, left, claims("holm"))
        page = browser.get(back["Location"])["Location"]
        code = re.search("code=([^&]+)", back.request["QUERY_STRING"])
        for number in (SEEDED, f"{SEEDED[:6]}-{SEEDED[6:]}"):
            browser.get(f"/opslag/?cpr={number}")
            browser.get(f"/findes/{number}")
            browser.get(f"{page}{number}/")
            browser.get(page, headers={"Referer": f"https://epj.invalid/?{number}", "User-Agent": number})
            browser.post("/launch/ticket", {"ticket": number})
            browser.post("/log-ind/", {"username": number, "password": number})
            browser.get(f"/login/callback?state={number}&code={number}")
            ask_ticket(wish("holm", number, patient_name=number, org={"sor": number}))
            faulty = Client(raise_request_exception=False)
            faulty.cookies = browser.cookies
            with patch("ekg.views.queries.folder", side_effect=ValueError(f"no patient {number}")):
                assert faulty.get(page).status_code == 500
        logging.getLogger("ekg").warning("a slip of the pen: %s", SEEDED)
        logging.getLogger("ekg").warning("another: %r", {"cpr": SEEDED})
    finally:
        handler.setStream(before or sys.stderr)
        root.setLevel(level)
    said = written.getvalue()
    assert "no patient [CPR]" in said
    assert "a slip of the pen: [CPR]" in said
    assert code is not None
    digits = [SEEDED, f"{SEEDED[:6]}-{SEEDED[6:]}", *PERSONAL]
    hidden = [*digits, a_ticket, code[1], str(browser.session.session_key), "eyJ"]
    assert not [secret for secret in hidden if secret in said]
