"""A log controller's system reads the log: what it gets, what it does not get, and the line that it leaves."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import psycopg
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from access.models import User
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import Actor, record
from audit.resource import canonical
from audit.searching import Place
from fhir.models import Sender
from fhir.registering import register_sender
from fhir.resources.R4B.auditevent import AuditEvent as FhirAuditEvent
from fhir.resources.R4B.bundle import Bundle
from fhir.tests.conftest import ISSUER
from fhir.tests.letters import letter
from organisations.models import Organisation

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
HOSPITAL, WARD, ELSEWHERE = "999000000000100", "999000000000110", "999000000000200"
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def the_whole_house(only_the_door: None, settings: Any) -> Iterator[None]:
    """A fortnight later: what is asked is newer than what is looked for."""
    settings.ROOT_URLCONF = "sundhedsjournal.urls"
    with time_machine.travel(NOON + timedelta(days=14)):
        yield


@pytest.fixture
def control(key: Any, db: None) -> Sender:
    """The system of a log control that reads everything."""
    public = key.as_dict(private=False)
    return register_sender(ISSUER, "lab-1", "Logkontrollen", [], public, rate="1000000/min", reads_log=["*"])


@pytest.fixture
def ask(control: Sender, token: Callable[..., str]) -> Ask:
    """Ask as that system; parameters may stand several times."""

    def get(to: str = "/fhir/AuditEvent", /, method: str = "get", params: Any = (), **named: Any) -> Any:
        pairs = [*(params.items() if isinstance(params, dict) else params), *named.items()]
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token()}"}
        client: Any = Client(raise_request_exception=False)
        if method == "post":
            form = "application/x-www-form-urlencoded"
            return client.generic("POST", to, urlencode(pairs), content_type=form, **headers)
        return getattr(client, method)(to + (f"?{urlencode(pairs)}" if pairs else ""), **headers)

    return get


@pytest.fixture
def token(sender: None, key: Any, settings: Any) -> Callable[..., str]:
    """Good for the system whose subject is lab-1, whatever its rights are."""
    from joserfc import jwt

    def make() -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": ISSUER, "sub": "lab-1", "aud": settings.FHIR_AUDIENCE, "iat": now, "exp": now + 300}
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, key, algorithms=["ES256"])

    return make


@pytest.fixture
def sender() -> None:
    """Not the one that delivers: `control` stands in its place."""


@pytest.fixture
def holm(db: None) -> User:
    return User.objects.create(username="holm", issuer="https://idp.test", subject="holm")


def looked(who: User, patient: uuid.UUID, at: datetime, organisation: str = WARD, times: int = 1) -> list[uuid.UUID]:
    """Looks of a user, a microsecond apart; their ids."""
    actor = Actor("user", who.issuer, who.subject, who.pk, "clinician", organisation, "192.0.2.10")
    keys = []
    with time_machine.travel(at, tick=False) as clock:
        for number in range(times):
            clock.move_to(at + timedelta(microseconds=number))
            keys.append(record(Action.EKG_FOLDER_VIEWED, actor=actor, patient=patient))
    return keys


def ids(answer: Any) -> list[uuid.UUID]:
    assert answer.status_code == 200, answer.content
    return [uuid.UUID(entry["resource"]["id"]) for entry in orjson.loads(answer.content).get("entry", ())]


def link(answer: Any, relation: str) -> str:
    links = {each["relation"]: each["url"] for each in orjson.loads(answer.content)["link"]}
    return str(links.get(relation, "")).removeprefix("http://testserver")


def refusal(answer: Any) -> tuple[int, str]:
    issue = orjson.loads(answer.content)["issue"][0]
    return answer.status_code, issue["details"]["coding"][0]["code"]


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def test_what_leaves_is_the_stored_event_byte_for_byte_as_fhir(ask: Ask, holm: User) -> None:
    patient = uuid.uuid4()
    (key,) = looked(holm, patient, NOON)
    page = ask(patient=f"Patient/{patient}")
    stored = canonical(AuditEvent.objects.get(pk=key).event)
    assert stored in page.content
    assert page["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert page["Cache-Control"] == "no-store"
    Bundle.model_validate_json(page.content)
    alone = ask(f"/fhir/AuditEvent/{key}")
    assert alone.content == stored
    FhirAuditEvent.model_validate_json(alone.content)
    assert ask(f"/fhir/AuditEvent/{key}", method="head").content == b""
    assert refusal(ask(f"/fhir/AuditEvent/{uuid.uuid4()}")) == (404, "not_found")
    assert refusal(ask("/fhir/AuditEvent/251248-9996")) == (404, "not_found")


def test_the_log_is_searched_by_patient_agent_and_time(ask: Ask, holm: User) -> None:
    kvist = User.objects.create(username="kvist", issuer="https://idp.test", subject="kvist")
    jens, nancy = uuid.uuid4(), uuid.uuid4()
    (first,) = looked(holm, jens, NOON)
    (second,) = looked(kvist, jens, NOON + timedelta(hours=1))
    (third,) = looked(holm, nancy, NOON + timedelta(days=1))
    assert ids(ask(patient=jens, date="lt2026-12")) == [second, first]
    by_name = {"agent": "https://idp.test|holm"}, {"agent:identifier": "https://idp.test|holm"}
    for how in (*by_name, {"agent": str(holm.pk)}, {"altid": str(holm.pk)}):
        assert ids(ask(params=how)) == [third, first]
    assert ids(ask(agent="https://idp.test|holm", patient=f"Patient/{nancy}")) == [third]
    reader = ask(agent=f"{ISSUER}|lab-1")
    assert {entry["resource"]["type"]["code"] for entry in orjson.loads(reader.content)["entry"]} == {"110101"}
    assert ids(ask("/fhir/AuditEvent/_search", method="post", agent="https://idp.test|kvist")) == [second]
    day = {"date": "2026-11-20"}
    assert ids(ask(params=day)) == [second, first]
    assert ids(ask(params=[("date", "ge2026-11-20T12:00:00Z"), ("date", "lt2026-11-20T13:00:00Z")])) == [first]
    later = [("date", "gt2026-11-20T13:00:00+01:00"), ("date", "lt2026-12")]
    assert ids(ask(params=[("patient", jens), *later])) == [second]
    assert refusal(ask(agent="https://idp.test|nobody")) == (400, "search-agent")


@pytest.mark.parametrize(
    ("dates", "hits"),
    [
        (["2026-11-20T12:00:00.000001Z"], [1]),
        (["ge2026-11-20T12:00:00.000001Z"], [3, 2, 1]),
        (["gt2026-11-20T12:00:00.000001Z"], [3, 2]),
        (["le2026-11-20T12:00:00.000001Z"], [1, 0]),
        (["lt2026-11-20T12:00:00.000001Z"], [0]),
        (["eq2026-11-20T12:00:00.000Z"], [2, 1, 0]),
        (["gt2026-11-20T12:00:00Z"], [3]),
        (["ge2026-11-20T13:00:00+01:00", "le2026-11-20T12:00Z"], [2, 1, 0]),
        (["2026-11", "gt2026-11-20"], [3]),
        (["2026", "lt2026-11-20"], []),
    ],
)
@pytest.mark.parametrize("with_patient", [True, False])
def test_a_date_covers_what_its_precision_says(
    ask: Ask, holm: User, dates: list[str], hits: list[int], with_patient: bool
) -> None:
    patient = uuid.uuid4()
    keys = [*looked(holm, patient, NOON, times=3), *looked(holm, patient, NOON + timedelta(days=1))]
    who = [("date", "lt2026-11-25"), *([("patient", f"Patient/{patient}")] if with_patient else [])]
    found = ids(ask(params=[*who, *(("date", said) for said in dates)]))
    wanted = [keys[hit] for hit in hits]
    if with_patient:
        assert found == wanted
    else:  # within a millisecond the whole log is in the order of its ids
        assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("by", ["patient", "agent", "date"])
def test_pages_follow_each_other_without_gap_or_repeat_while_new_events_come(ask: Ask, holm: User, by: str) -> None:
    patient = uuid.uuid4()
    keys = looked(holm, patient, NOON, times=7)
    keys += looked(holm, patient, datetime(2026, 12, 1, tzinfo=UTC), times=2)  # another partition
    how = {"patient": f"Patient/{patient}", "agent": "https://idp.test|holm", "date": "gt2026-11-19"}
    page, found, addresses = ask(params=[(by, how[by]), ("date", "lt2026-12-04"), ("_count", "2")]), [], []
    for _ in range(5):
        found += ids(page)
        looked(holm, patient, datetime(2026, 12, 3, tzinfo=UTC), times=3)  # newer than what has been read
        if following := link(page, "next"):
            addresses.append(following)
            page = ask(following)
    if by == "date":  # within one millisecond the order is that of the ids
        assert sorted(found) == sorted(keys)
    else:
        assert found == keys[::-1]
    assert len(addresses) == 4
    for address in addresses:
        assert not [each for each in (str(patient), str(holm.pk), "holm", "idp", "2026") if each in address]
    event = AuditEvent.objects.get(pk=page["X-Audit-Id"]).event
    assert {"type": "page", "valueString": "following"} in event["entity"][-2]["detail"]


def test_a_link_that_was_not_sealed_for_this_reader_is_refused(ask: Ask, holm: User, control: Sender) -> None:
    patient = uuid.uuid4()
    looked(holm, patient, NOON, times=3)
    following = link(ask(patient=patient, _count=1), "next")
    for wrong in (following[:-3], following + "x", "/fhir/AuditEvent?_page=é", "/fhir/AuditEvent?_page="):
        assert refusal(ask(wrong)) == (400, "search-page")
    assert refusal(ask(f"{following}&patient={uuid.uuid4()}")) == (400, "search-page")
    from fhir.log import asking, paging

    theirs = paging.sealed(uuid.uuid4(), asking.Asked(), None, Place(NOON, patient))
    assert refusal(ask(_page=theirs)) == (400, "search-page")


def test_a_search_leaves_one_event_with_the_patient_and_what_was_asked(ask: Ask, holm: User, control: Sender) -> None:
    patient = uuid.uuid4()
    looked(holm, patient, NOON)
    before = AuditEvent.objects.count()
    page = ask(patient=patient, agent="https://idp.test|holm", date="2026-11-20", _count=9)
    assert AuditEvent.objects.count() == before + 1
    row = last()
    assert (str(row.pk), row.action, row.outcome, row.patient_ref) == (page["X-Audit-Id"], "audit.searched", 0, patient)
    assert (row.actor_kind, row.actor_ref, row.entity) == ("sender", control.pk, "AuditEvent")
    details = {each["type"]: each["valueString"] for entity in row.event["entity"] for each in entity.get("detail", ())}
    assert details == {
        "agent": str(holm.pk), "count": "9",
        "from": "2026-11-20T00:00:00+00:00", "to": "2026-11-21T00:00:00+00:00",
    }  # fmt: skip
    assert link(page, "self") == (
        f"/fhir/AuditEvent?patient=Patient%2F{patient}&agent={holm.pk}"
        "&date=ge2026-11-20T00%3A00%3A00Z&date=lt2026-11-21T00%3A00%3A00Z&_count=9"
    )
    ask(f"/fhir/AuditEvent/{row.pk}")
    assert (last().action, last().patient_ref, last().entity) == ("audit.viewed", patient, f"AuditEvent/{row.pk}")


REFUSED = [
    ({"patient": "251248-9996"}, "search-value"),
    ({"patient": "https://elsewhere.test/Patient/1"}, "search-value"),
    ({"patient.identifier": "2512489996"}, "search-unknown"),
    ({"2512489996": ""}, "search-unknown"),
    ({"_sort": "date"}, "search-unknown"),
    ({"agent": "holm"}, "search-value"),
    ({"agent": "https://idp.test|"}, "search-value"),
    ({"agent": "https://idp.test|\0"}, "search-value"),
    ({"agent": "https://idp.test|251248-9996"}, "search-personal"),
    ({"altid": "urn:oid:1.2.208.176.1.2|2512489996"}, "search-personal"),
    ({"agent": "2512489996"}, "search-personal"),
    ({"date": "ne2026"}, "search-value"),
    ({"date": "20.11.2026"}, "search-value"),
    ({"date": "2026-02-30"}, "search-value"),
    ({"date": "2026-11-20T12:00:00"}, "search-value"),
    ({"date": "٢٠٢٦"}, "search-value"),
    ({"date": "9999"}, "search-value"),
    ({"_count": "0"}, "search-value"),
    ({"_count": "-1"}, "search-value"),
    ([("patient", str(uuid.uuid4())), ("patient", str(uuid.uuid4()))], "search-repeated"),
]


@pytest.mark.parametrize("how", [("/fhir/AuditEvent", "get"), ("/fhir/AuditEvent/_search", "post")])
@pytest.mark.parametrize(("params", "rule"), REFUSED)
def test_what_cannot_be_searched_for_is_refused_recorded_and_not_repeated(
    ask: Ask, params: Any, rule: str, how: tuple[str, str]
) -> None:
    answer = ask(how[0], method=how[1], params=params)
    assert refusal(answer) == (400, rule)
    assert (last().action, last().outcome, last().reason) == ("audit.searched", 4, rule)
    assert str(last().pk) == answer["X-Audit-Id"]
    assert "9996" not in answer.content.decode()


def test_a_posted_search_has_nothing_in_its_address_and_a_short_body(ask: Ask) -> None:
    assert refusal(ask("/fhir/AuditEvent/_search?patient=x", method="post")) == (400, "search-address")
    assert refusal(ask("/fhir/AuditEvent/_search", method="post", agent="x" * 5000)) == (400, "search-length")
    assert ask("/fhir/AuditEvent/_search").status_code == 405
    assert ask("/fhir/AuditEvent", method="head").content == b""


def test_an_organisation_s_reader_gets_its_units_and_no_more(ask: Ask, holm: User, control: Sender) -> None:
    Organisation.objects.create(sor=HOSPITAL, name="Sygehuset")
    Organisation.objects.create(sor=WARD, name="Afdelingen", parent_sor=HOSPITAL)
    Sender.objects.update(reads_log=[HOSPITAL, "cvr:12345678"])
    patient = uuid.uuid4()
    (own,), (town,), (foreign,), (nobody,) = (
        looked(holm, patient, NOON + timedelta(minutes=minute), at)
        for minute, at in enumerate((WARD, "cvr:12345678", ELSEWHERE, ""))
    )
    assert ids(ask(patient=patient)) == [town, own]
    assert ids(ask(patient=patient, date="2026-12")) == [], "its own searches are no unit's"
    assert ids(ask(agent=holm.pk)) == [town, own]
    assert ids(ask(date="2026-11-20")) == [town, own]
    assert ask(f"/fhir/AuditEvent/{own}").status_code == 200
    for other in (foreign, nobody):
        assert refusal(ask(f"/fhir/AuditEvent/{other}")) == (404, "not_found")
    for wide in ((), [("date", "2026-11")], [("date", "ge2026-11-20")]):
        assert refusal(ask(params=wide)) == (400, "search-too-wide")
    # Whether somebody has ever signed in elsewhere is not its affair: a stranger and an unknown are answered alike.
    User.objects.create(username="kvist", issuer="https://idp.test", subject="kvist")
    for agent in ("https://idp.test|kvist", "https://idp.test|nobody", f"{ISSUER}|lab-1"):
        for more in ({}, {"patient": patient}, {"date": "2026-11-20"}):
            answers = [ask(agent=agent, **more), ask(agent="https://idp.test|nobody", **more)]
            assert [refusal(each) for each in answers] == [(400, "search-agent")] * 2
            assert answers[0].content == answers[1].content
    assert ids(ask(agent="https://idp.test|holm", date="2026-12")) == [], "known to its units, and not in that month"
    # A link made while it could read everything is worth what it may read now.
    Sender.objects.update(reads_log=["*"])
    following = link(ask(patient=patient, _count=1), "next")
    Sender.objects.update(reads_log=[HOSPITAL])
    assert ids(ask(following)) == [own]


def test_who_delivers_reads_nothing_and_who_reads_delivers_nothing(ask: Ask, control: Sender, post: Any) -> None:
    answer = post(letter())
    assert (answer.status, answer.rules) == (403, ["reads-the-log"])
    assert (last().action, last().outcome, last().reason) == ("sender.refused", 4, "reads-the-log")
    Sender.objects.update(reads_log=[], kinds=["letter"])
    for path in ("/fhir/AuditEvent", f"/fhir/AuditEvent/{uuid.uuid4()}"):
        assert refusal(ask(path)) == (403, "log-not-allowed")
        assert (last().action, last().outcome, last().reason) == ("sender.refused", 4, "log-not-allowed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sender.objects.update(reads_log=["*"])


@pytest.mark.parametrize("path", ["?date=2026-11-20", "/{key}"])
def test_without_an_event_nothing_is_told(ask: Ask, holm: User, path: str) -> None:
    patient = uuid.uuid4()
    (key,) = looked(holm, patient, NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = ask(f"/fhir/AuditEvent{path.format(key=key)}")
    assert answer.status_code == 503
    assert str(patient) not in answer.content.decode()
    assert "Loggen kan ikke læses lige nu." in answer.content.decode()


def test_five_hundred_events_cost_as_many_statements_as_one(
    ask: Ask, holm: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    run = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **named: Any) -> Any:
        said.append(str(query))
        return run(cursor, query, *args, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    patient, cost = uuid.uuid4(), {}
    ask(patient=patient)
    for size in (1, 500):
        looked(holm, patient, NOON + timedelta(seconds=size), times=size)
        said.clear()
        assert len(ids(ask(patient=patient, _count=size))) == size
        cost[size] = len(said)
    assert cost == {1: 3, 500: 3}, said
    assert len(ids(ask(patient=patient, _count=10_000))) == 500


def test_the_statement_of_capabilities_tells_it(ask: Ask) -> None:
    told = orjson.loads(Client().get("/fhir/metadata").content)["rest"][0]["resource"]
    (log,) = [each for each in told if each["type"] == "AuditEvent"]
    assert [each["code"] for each in log["interaction"]] == ["read", "search-type"]
    assert {each["name"] for each in log["searchParam"]} == {"patient", "agent", "altid", "date"}


def test_more_parameters_than_django_reads_are_the_caller_s_fault(ask: Ask) -> None:
    assert refusal(ask(params=[("patient", "x")] * 1001)) == (400, "request-refused")
