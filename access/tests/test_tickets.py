"""The EPJ's own door: tickets issued and refused, contexts closed from there."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access.models import Issuer, Launch, LaunchClient, PatientContext, UsedAssertion, User
from access.tests.cast import EPJ, ISSUER, JENS, NANCY, TICKETS, ask_ticket, assertion, epj, key, launched, person, wish
from access.tests.conftest import Rows
from audit.models import AuditEvent
from audit.record import NotRecorded
from organisations.models import Organisation
from patients.models import Patient

ISSUED, REFUSED = "launch_ticket.issued", "launch_ticket.refused"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _registered(db: None) -> None:
    epj()
    person("holm")
    person("drift")


def told(answer: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.content)
    return read


def test_a_ticket_is_issued_kept_as_a_hash_and_recorded(events: Rows) -> None:
    answer = ask_ticket(wish("holm", NANCY))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert told(answer)["expires_in"] == 60
    ticket = told(answer)["ticket"]
    assert len(ticket) >= 43
    stored = Launch.objects.get()
    assert ticket not in {str(value) for value in stored.__dict__.values()}
    assert events() == [(ISSUED, 0, "")]
    row = AuditEvent.objects.get(action=ISSUED)
    assert (row.actor_kind, row.actor_subject, row.patient_ref) == ("client", EPJ, stored.patient_id)


def test_the_unit_is_named_by_the_register_or_by_its_number() -> None:
    ask_ticket(wish("holm", NANCY))
    Organisation.objects.create(sor="999000000000210", name="Lægehuset Nord")
    ask_ticket(wish("holm", NANCY))
    ask_ticket(wish("holm", NANCY, org={"ydernummer": "012345"}))
    names = Launch.objects.order_by("created").values_list("organisation_name", flat=True)
    assert list(names) == ["SOR 999000000000210", "Lægehuset Nord", "Ydernummer 012345"]


@pytest.mark.parametrize(
    ("bearer", "code"),
    [
        (lambda: "", "assertion-missing"),
        (lambda: "no.token", "assertion-malformed"),
        (lambda: assertion(TICKETS, iss="stranger", sub="stranger"), "client-unknown"),
        (lambda: assertion("/api/contexts/x/close"), "assertion-aud"),
        (lambda: assertion(TICKETS, exp=int(timezone.now().timestamp()) + 300), "assertion-exp"),
        (lambda: assertion(TICKETS, jti=None), "assertion-jti"),
        (lambda: assertion(TICKETS, signed_by=key("P-384"), header={"alg": "ES384"}), "assertion-signature"),
        (lambda: "x" * 5000, "assertion-malformed"),
    ],
)
def test_without_a_proven_client_there_is_no_ticket(bearer: Any, code: str, events: Rows) -> None:
    assert ask_ticket(wish("holm", NANCY)).status_code == 200
    events()
    answer = ask_ticket(wish("holm", JENS), bearer())
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert told(answer)["error"] == "invalid_client"
    assert events() == [(REFUSED, 4, code)]
    assert not Patient.objects.filter(cpr=JENS).exists()


@pytest.mark.parametrize("written", ["\0", "\ud800"])
def test_a_client_whose_name_no_database_holds_is_refused_like_any(events: Rows, written: str) -> None:
    head, _claims, signature = assertion(TICKETS).split(".")
    claims = urlsafe_b64encode(json.dumps({"iss": written, "sub": written}).encode()).decode().rstrip("=")
    answer = ask_ticket(wish("holm", NANCY), f"{head}.{claims}.{signature}")
    assert answer.status_code == 401
    assert events() == [(REFUSED, 4, "assertion-iss")]


def test_an_assertion_works_once(events: Rows) -> None:
    bearer = assertion(TICKETS)
    assert ask_ticket(wish("holm", NANCY), bearer).status_code == 200
    assert ask_ticket(wish("holm", NANCY), bearer).status_code == 401
    assert events()[-1] == (REFUSED, 4, "assertion-replayed")
    assert UsedAssertion.objects.count() == 1


def test_an_assertion_is_used_up_by_a_refused_request_too() -> None:
    bearer = assertion(TICKETS)
    assert ask_ticket(wish("drift", NANCY), bearer).status_code == 403
    assert ask_ticket(wish("holm", NANCY), bearer).status_code == 401


def test_a_client_that_was_switched_off_gets_nothing(events: Rows) -> None:
    assert ask_ticket(wish("holm", NANCY)).status_code == 200
    LaunchClient.objects.update(active=False)
    assert ask_ticket(wish("holm", NANCY)).status_code == 401
    assert events()[-1] == (REFUSED, 4, "client-unknown")


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"user_iss": "https://other.invalid"}, "user_unknown", "user-unknown"),
        ({"user_sub": "drift"}, "user_role", "user-role"),
    ],
)
def test_only_users_of_the_client_s_own_issuer_whose_role_opens_records_get_tickets(
    changed: dict[str, Any], error: str, code: str, events: Rows
) -> None:
    answer = ask_ticket(wish("holm", NANCY, **changed))
    assert (answer.status_code, told(answer)["error"]) == (403, error)
    assert events() == [(REFUSED, 4, code)]
    assert not Launch.objects.exists()


def test_somebody_who_has_never_signed_in_gets_a_ticket_too_and_no_user_is_made_of_it(events: Rows) -> None:
    assert ask_ticket(wish("newcomer", NANCY)).status_code == 200
    assert events() == [(ISSUED, 0, "")]
    assert (Launch.objects.get().user_issuer, Launch.objects.get().user_subject) == (ISSUER, "newcomer")
    assert not User.objects.filter(subject="newcomer").exists()


@pytest.mark.parametrize(
    "change", [{"active": False}, {"door": "borger", "roles": []}, {"issuer": "https://x.invalid"}]
)
def test_a_client_whose_users_sign_in_at_no_issuer_of_staff_gets_no_ticket(
    change: dict[str, Any], events: Rows
) -> None:
    assert ask_ticket(wish("holm", NANCY)).status_code == 200
    events()
    Issuer.objects.filter(door="borger").delete()
    Issuer.objects.filter(door="k").update(**change)
    answer = ask_ticket(wish("holm", NANCY))
    assert (answer.status_code, told(answer)["error"]) == (403, "issuer_unknown")
    assert events() == [(REFUSED, 4, "issuer-unknown")]


def test_a_client_cannot_name_users_of_an_issuer_that_is_not_its_own() -> None:
    User.objects.filter(username="holm").update(issuer="https://other.invalid")
    assert ask_ticket(wish("holm", NANCY, user_iss="https://other.invalid")).status_code == 403


def test_a_disabled_user_gets_no_ticket() -> None:
    User.objects.filter(username="holm").update(is_active=False)
    assert ask_ticket(wish("holm", NANCY)).status_code == 403


def test_a_client_may_be_held_to_its_own_units(events: Rows) -> None:
    epj(organisations=["sor:999000000000111"])
    assert ask_ticket(wish("holm", NANCY)).status_code == 403
    assert events() == [(REFUSED, 4, "organisation-not-allowed")]
    assert ask_ticket(wish("holm", NANCY, org={"sor": "999000000000111"})).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"patient_cpr": "251248-9996"}, "patient_cpr"),
        ({"patient_cpr": "3113489996"}, "patient_cpr"),
        ({"patient_cpr": 2512489996}, "patient_cpr"),
        ({"patient_cpr": None}, "patient_cpr"),
        ({"org": {}}, "org"),
        ({"org": {"sor": "123456", "cvr": "12345678"}}, "org"),
        ({"org": {"ean": "123"}}, "org"),
        ({"org": {"sor": "12 34"}}, "org.sor"),
        ({"org": {"cvr": 12345678}}, "org.cvr"),
        ({"org": None}, "org"),
        ({"epj_session_ref": "kort"}, "epj_session_ref"),
        ({"epj_session_ref": "ref-251248-9996"}, "epj_session_ref"),
        ({"epj_session_ref": "med mellemrum"}, "epj_session_ref"),
        ({"epj_session_ref": "x" * 41}, "epj_session_ref"),
        ({"user_sub": ""}, "user_sub"),
        ({"user_sub": None}, "user_sub"),
        ({"user_iss": ["x"]}, "user_iss"),
        ({"org": {"sor": "2512489996"}}, "org.sor"),
        ({"patient_name": "Nul \x00"}, "patient_name"),
        ({"patient_name": "Nancy \u202energreB"}, "patient_name"),
        ({"patient_name": "\u2067Berggren Nancy"}, "patient_name"),
        ({"patient_name": "x" * 301}, "patient_name"),
        ({"purpose": "curiosity"}, "purpose"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_not_repeated(changed: dict[str, Any], field: str, events: Rows) -> None:
    answer = ask_ticket(wish("holm", NANCY, **changed))
    assert (answer.status_code, told(answer)["field"]) == (400, field)
    assert NANCY not in answer.content.decode()
    assert "9996" not in answer.content.decode()
    assert events() == [(REFUSED, 4, "request")]


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"org": 1, "org": 2}', b"[" * 5000])
def test_what_is_not_an_object_is_refused(body: bytes) -> None:
    headers = {"Authorization": f"Bearer {assertion(TICKETS)}"}
    answer = Client().post(TICKETS, body, content_type="application/json", headers=headers)
    assert answer.status_code == 400


def test_a_form_or_a_flood_is_refused_and_reading_is_not_offered() -> None:
    form = Client().post(TICKETS, {"patient_cpr": NANCY}, headers={"Authorization": f"Bearer {assertion(TICKETS)}"})
    flood = ask_ticket({"user_sub": "x" * 20_000})
    assert (form.status_code, flood.status_code, Client().get(TICKETS).status_code) == (415, 413, 405)


def test_no_line_no_ticket() -> None:
    with patch("access.launching.asking.record", side_effect=NotRecorded("down")):
        answer = ask_ticket(wish("holm", NANCY))
    assert answer.status_code == 503
    assert "ticket" not in told(answer)
    assert not Launch.objects.exists()


def close(ref: str, bearer: str | None = None) -> Any:
    path = f"/api/contexts/{ref}/close"
    headers = {"Authorization": f"Bearer {bearer or assertion(path)}"}
    return Client().post(path, headers=headers)


def test_the_epj_closes_what_it_opened_and_nothing_else(holm: Client, events: Rows) -> None:
    ours = launched(holm, "holm", NANCY, epj_session_ref="konsultation-1")
    other = launched(holm, "holm", JENS, epj_session_ref="konsultation-2")
    events()
    answer = close("konsultation-1")
    assert (answer.status_code, told(answer)) == (200, {"closed": 1})
    assert events() == [("context.closed", 0, "epj")]
    assert holm.get(f"/k/{ours}/ekg/").status_code == 410
    assert holm.get(f"/k/{other}/ekg/").status_code == 200
    assert told(close("konsultation-1")) == {"closed": 0}


def test_another_system_cannot_close_it(holm: Client) -> None:
    ours = launched(holm, "holm", NANCY, epj_session_ref="konsultation-1")
    LaunchClient.objects.create(
        client_id="another", name="Andet", jwks=[key().as_dict(private=False)], user_issuer="https://x.invalid"
    )
    path = "/api/contexts/konsultation-1/close"
    assert told(close("konsultation-1", assertion(path, iss="another", sub="another"))) == {"closed": 0}
    assert close("konsultation-1", assertion(TICKETS)).status_code == 401
    assert holm.get(f"/k/{ours}/ekg/").status_code == 200


def test_a_cpr_is_no_session(events: Rows) -> None:
    assert close("251248-9996").status_code == 404
    assert events() == [(REFUSED, 4, "session-unknown")]


def test_the_tables_refuse_private_keys_plain_tickets_and_halves() -> None:
    client, user = LaunchClient.objects.get(), User.objects.get(username="holm")
    patient = Patient.objects.create(cpr=NANCY)
    now = timezone.now()
    base: dict[str, Any] = {
        "client": client, "user_issuer": ISSUER, "user_subject": "holm", "patient": patient,
        "organisation_system": "sor", "organisation_id": "1", "organisation_name": "x", "correlation_id": "x",
        "created": now, "expires": now + timedelta(seconds=60),
    }  # fmt: skip
    wrongs: list[Any] = [
        lambda: LaunchClient.objects.filter(pk=client.pk).update(jwks=[key().as_dict(private=True)]),
        lambda: Launch.objects.create(**base, id="x" * 22, ticket_sha256="a-plain-ticket"),
        lambda: Launch.objects.create(**{**base, "expires": now}, id="x" * 22, ticket_sha256="0" * 64),
        lambda: Launch.objects.create(**base, id="x" * 22),
        lambda: Launch.objects.create(**base, id="x" * 22, ticket_sha256="0" * 64, redeemed_at=now),
        lambda: Launch.objects.create(**base, id="x" * 22, redeemed_at=now, secret_sha256="a-plain-secret"),
        lambda: Launch.objects.create(**base, id="251248-9996", ticket_sha256="0" * 64),
        lambda: User.objects.filter(pk=user.pk).update(issuer=""),
        lambda: PatientContext.objects.create(
            id="1", session_key_hash="0" * 64, user=user, audience="clinician", patient=patient, client=client,
            source="x", opened=now, last_seen=now, expires=now,
        ),
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_the_clock_decides_when_a_ticket_is_too_old() -> None:
    answer = ask_ticket(wish("holm", NANCY))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        late = Client().post("/launch/ticket", {"ticket": told(answer)["ticket"]})
    assert late.status_code == 410
