"""What those who look after the running can see and do."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from fhir.models import Delivery, Issuer
from fhir.tests.letters import CPR, letter
from fhir.work import process


@pytest.fixture
def operator(client: Client, settings: Any, db: None) -> Client:
    """Somebody who may do everything in the administration, signed in."""
    settings.ROOT_URLCONF = "fhir.tests.whole_house"
    client.force_login(get_user_model().objects.create_superuser("drift", password="x"))
    return client


def page(operator: Client, name: str, *args: Any, **query: Any) -> Any:
    return operator.get(reverse(f"admin:fhir_{name}", args=args), query)


def test_quarantine_is_a_filter_away_and_shows_why_without_the_content(operator, post, events):
    post(letter("refused", note="Elektroder byttet om"))
    post(letter())
    listed = page(operator, "delivery_changelist", state__exact="quarantined")
    assert listed.status_code == 200
    assert b"rule-refused" in listed.content
    held = Delivery.objects.get(state="quarantined")
    shown = page(operator, "delivery_change", held.pk)
    text = shown.content.decode()
    assert "Titlen er forkert." in text
    assert "Composition.title" in text
    assert CPR not in text
    assert "Elektroder" not in text
    assert [action for action, _, _ in events()][-2:] == ["admin.searched", "admin.viewed"]


def test_process_again_lets_the_worker_judge_by_the_rules_of_today(operator, post, letters, monkeypatch, events):
    post(letter("refused"))
    held = Delivery.objects.get()
    monkeypatch.setattr("fhir.tests.letters.WORDS", {})
    chosen = {"action": "process_again", "_selected_action": [str(held.pk)]}
    operator.post(reverse("admin:fhir_delivery_changelist"), chosen)
    assert ("quarantine.retried", "", 0) in events()
    assert process(held.pk, [letters])
    assert Delivery.objects.get().state == "stored"


def test_what_is_stored_cannot_be_sent_through_again(operator, post, letters):
    post(letter())
    chosen = {"action": "process_again", "_selected_action": [str(Delivery.objects.get().pk)]}
    operator.post(reverse("admin:fhir_delivery_changelist"), chosen)
    assert Delivery.objects.get().state == "stored"


def test_a_delivery_is_found_by_its_id_and_its_hash(operator, post):
    post(letter())
    held = Delivery.objects.get()
    for said in (str(held.pk), held.sha256):
        assert str(held.pk).encode() in page(operator, "delivery_changelist", q=said).content
    assert str(held.pk).encode() not in page(operator, "delivery_changelist", q="0" * 64).content


def test_deliveries_cannot_be_changed_added_or_deleted(operator, post):
    post(letter())
    held = Delivery.objects.get()
    assert page(operator, "delivery_add").status_code == 403
    assert page(operator, "delivery_delete", held.pk).status_code == 403
    assert operator.post(reverse("admin:fhir_delivery_change", args=[held.pk]), {"state": "dead"}).status_code == 403


def test_a_new_key_of_an_issuer_is_recorded_and_makes_servers_read_the_keys_again(operator, sender, events):
    issuer = Issuer.objects.get()
    told = {"url": issuer.url, "algorithms": "ES256", "jwks": '{"keys": []}', "active": "on"}
    answer = operator.post(reverse("admin:fhir_issuer_change", args=[issuer.pk]), told)
    assert answer.status_code == 302
    assert Issuer.objects.get().version == issuer.version + 1
    assert ("admin.changed", "", 0) in events()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"algorithms": "HS256"}, "asymmetrisk"),
        ({"jwks": '{"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "s"}]}'}, "offentlige"),
        ({"jwks": '{"keys": [{"kty": "EC"}]}'}, "JWKS"),
        ({"jwks": "[1]"}, "JWKS"),
    ],
)
def test_a_wrong_issuer_is_told_in_danish(operator, sender, change, sentence):
    issuer = Issuer.objects.get()
    told = {"url": issuer.url, "algorithms": "ES256", "jwks": '{"keys": []}', "active": "on"} | change
    answer = operator.post(reverse("admin:fhir_issuer_change", args=[issuer.pk]), told)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
