"""The EPJ as an identity provider: who is told to be signed in, when somebody is asked, and who may ask for tokens."""

import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from joserfc.jwk import ECKey

from demo.epj.tests.peer import Browser, Client, Journal
from samples.personas import CITIZENS, PATIENTS, USERS
from sundhedsjournal.tests.pages import check_page, words


def code(browser: Browser, client: Client, person: str, **asked: str | None) -> str:
    page = browser.get(client.question(**asked))  # type: ignore[arg-type]
    return client.answered(browser.send(page, person=person))["code"]


# -- who it is --------------------------------------------------------------------------------------------------------


def test_what_is_signed_about_a_doctor(browser: Browser, staff: Client) -> None:
    before = int(time.time())
    tokens = staff.signed_in(browser.send(browser.get(staff.question()), person="juhl"))
    assert set(tokens) == {"access_token", "expires_in", "token_type", "scope", "id_token"}
    claims, juhl = staff.claims(tokens), USERS["juhl"]
    assert claims["iss"] == staff.issuer
    assert (claims["aud"], claims["nonce"], claims["sub"]) == ("sundhedsjournal", "a-nonce", "juhl")
    assert before <= claims["auth_time"] <= claims["iat"] < claims["exp"] <= before + 330
    assert claims["acr"] == "https://data.gov.dk/concept/core/nsis/Substantial"
    assert claims["sid"]
    assert (claims["given_name"], claims["family_name"], claims["title"]) == ("Per", "Juhl", "Læge")
    assert (claims["role"], claims["authorised"], claims["cpr"]) == ("clinician", True, juhl.cpr)
    assert claims["organization"] == {"sor": juhl.sor}
    assert "on_behalf_of" not in claims


@pytest.mark.parametrize(
    ("user", "role", "authorised"),
    [
        ("holm", "clinician", True), ("krogh", "clinician", True), ("lund", "assistant", False),
        ("dahl", "municipal", True), ("bech", "municipal", False), ("winther", "log-controller", False),
    ],
)  # fmt: skip
def test_every_audience_has_its_role(browser: Browser, staff: Client, user: str, role: str, authorised: bool) -> None:
    claims = staff.claims(staff.signed_in(browser.send(browser.get(staff.question()), person=user)))
    assert (claims["role"], claims["authorised"]) == (role, authorised)
    if user == "lund":
        assert claims["on_behalf_of"] == {"sub": "holm", "name": "Læge Anna Holm", "cpr": USERS["holm"].cpr}


def test_what_is_signed_about_a_citizen(browser: Browser, citizens: Client) -> None:
    claims = citizens.claims(citizens.signed_in(browser.send(browser.get(citizens.question()), person="jens")))
    assert (claims["iss"], claims["aud"]) == (citizens.issuer, "sundhedsjournal-borger")
    assert (claims["given_name"], claims["family_name"]) == ("Jens Mikkel", "Thorsen")
    assert (claims["cpr"], claims["powers"]) == ("1404619935", [])
    assert "jens" not in claims["sub"]
    assert not {"role", "organization", "title"} & set(claims)


def test_a_fuldmagt_is_signed_with_its_giver_its_privileges_and_its_end(browser: Browser, citizens: Client) -> None:
    claims = citizens.claims(citizens.signed_in(browser.send(browser.get(citizens.question()), person="lars")))
    (power,) = claims["powers"]
    assert (power["giver_cpr"], power["giver_name"]) == (PATIENTS["ingrid"].cpr, PATIENTS["ingrid"].name)
    assert power["privileges"] == ["se_ekg", "se_kommune"]
    assert time.time() < power["expires"] < time.time() + 31 * 24 * 3600


def test_the_pages_of_sign_in_offer_everybody_who_may(browser: Browser, staff: Client, citizens: Client) -> None:
    def offered(client: Client) -> list[str]:
        page = check_page(browser.get(client.question()))
        return [words(button).removeprefix("Log ind som ") for button in page.iter("button")]

    assert offered(staff) == [user.display for user in USERS.values() if not user.admin]
    names = offered(citizens)
    assert {"Maria Vang Kjær", "Lars Bach Østergaard", "Hanne Elin Friis"} <= set(names)
    assert PATIENTS["emil"].name not in names
    assert set(names) <= {citizen.name for citizen in CITIZENS.values()}


# -- when somebody is asked -------------------------------------------------------------------------------------------


def test_who_is_signed_in_is_not_asked_again(browser: Browser, staff: Client) -> None:
    first = staff.claims(staff.signed_in(browser.send(browser.get(staff.question()), person="holm")))
    again = staff.claims(staff.signed_in(browser.get(staff.question())))
    assert (again["sub"], again["auth_time"], again["sid"]) == ("holm", first["auth_time"], first["sid"])


@pytest.mark.parametrize("how", [{"prompt": "login"}, {"max_age": "0"}])
def test_prompt_and_max_age_ask_again_and_give_a_new_time(browser: Browser, staff: Client, how: dict[str, str]) -> None:
    first = staff.claims(staff.signed_in(browser.send(browser.get(staff.question()), person="holm")))
    time.sleep(1.1)
    page = browser.get(staff.question(**how))
    assert page.status_code == 200
    again = staff.claims(staff.signed_in(browser.send(page, person="holm")))
    assert again["auth_time"] > first["auth_time"]
    assert again["sid"] != first["sid"]


def test_prompt_none_answers_without_a_page(browser: Browser, staff: Client) -> None:
    assert staff.answered(browser.get(staff.question(prompt="none")))["error"] == "login_required"
    browser.send(browser.get(staff.question()), person="holm")
    assert "code" in staff.answered(browser.get(staff.question(prompt="none")))


def test_a_citizen_is_asked_every_time(browser: Browser, citizens: Client) -> None:
    browser.send(browser.get(citizens.question()), person="jens")
    assert browser.get(citizens.question()).status_code == 200
    assert citizens.answered(browser.get(citizens.question(prompt="none")))["error"] == "login_required"


def test_only_a_name_on_the_page_is_taken_and_only_from_the_page(browser: Browser, staff: Client) -> None:
    page = browser.get(staff.question())
    assert browser.send(page, person="admin").status_code == 422
    assert browser.send(page, person="jens").status_code == 422
    assert httpx.post(str(page.url), data={"person": "holm"}).status_code == 403


def test_signing_in_does_not_spoil_the_desk_in_another_tab(browser: Browser, staff: Client) -> None:
    desk = browser.get("/")
    browser.send(browser.get(staff.question()), person="juhl")
    assert browser.send(desk, user="juhl", patient="nancy").status_code == 200


# -- signing out ------------------------------------------------------------------------------------------------------


def leaving(client: Client, **changed: str) -> str:
    asked = {"client_id": client.client_id, "post_logout_redirect_uri": f"{client.journal.url}/borger/logget-ud/"}
    return f"{client.issuer}/logout/?{urlencode(asked | changed)}"


def test_who_is_not_signed_in_here_goes_straight_back(browser: Browser, citizens: Client, staff: Client) -> None:
    browser.send(browser.get(citizens.question()), person="jens")
    for client in (citizens, staff):
        assert browser.get(leaving(client)).headers["Location"] == f"{client.journal.url}/borger/logget-ud/"


def test_who_is_signed_in_is_asked_and_then_signed_out(browser: Browser, staff: Client) -> None:
    browser.send(browser.get(staff.question()), person="holm")
    page = browser.get(leaving(staff, state="s"))
    assert "Læge Anna Holm" in page.text
    assert "code" in staff.answered(browser.get(staff.question()))
    assert browser.send(page).headers["Location"].endswith("/borger/logget-ud/?state=s")
    assert browser.get(staff.question()).status_code == 200


@pytest.mark.parametrize("changed", [{"post_logout_redirect_uri": "http://elsewhere/"}, {"client_id": "somebody"}])
def test_signing_out_leads_to_no_other_address(browser: Browser, staff: Client, changed: dict[str, str]) -> None:
    assert browser.get(leaving(staff, **changed)).status_code == 400


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid patient/Observation.r"}, "invalid_scope"),
        ({"scope": "openid launch", "launch": "never-made"}, "invalid_request"),
    ],
)
def test_a_question_out_of_order_is_told_to_the_client(
    browser: Browser, staff: Client, changed: dict[str, Any], error: str
) -> None:
    assert staff.answered(browser.get(staff.question(**changed)))["error"] == error


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "http://127.0.0.1:1/login/callback"}, {"client_id": "somebody"},
        {"client_id": "sundhedsjournal-borger"},
    ],
)  # fmt: skip
def test_nobody_is_sent_to_an_address_that_is_not_the_client_s(
    browser: Browser, staff: Client, changed: dict[str, str]
) -> None:
    page = browser.get(staff.question(**changed))
    assert page.status_code == 400
    assert "Login kan ikke begynde" in page.text


def test_a_code_works_once_for_its_client_with_its_verifier(browser: Browser, staff: Client, citizens: Client) -> None:
    first = code(browser, staff, "holm")
    assert staff.exchange(first).status_code == 200
    assert staff.exchange(first).json()["error"] == "invalid_grant"
    for changed in ({"code_verifier": "x" * 50}, {"code_verifier": None}, {"redirect_uri": "http://127.0.0.1:1/"}):
        another = staff.answered(browser.get(staff.question()))["code"]
        assert staff.exchange(another, **changed).status_code == 400
    another = staff.answered(browser.get(staff.question()))["code"]
    assert citizens.exchange(another).status_code == 400


STRANGER = ECKey.generate_key("P-384", {"kid": "first"})


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "http://localhost/elsewhere"}, {"iss": "somebody"}, {"sub": "somebody"}, {"jti": None},
        {"jti": "short"}, {"exp": None}, {"exp": 1}, {"exp": 9_999_999_999}, {"key": STRANGER},
    ],
    ids=lambda changed: "-".join(changed),
)  # fmt: skip
def test_an_assertion_out_of_order_gives_no_token(browser: Browser, staff: Client, changed: dict[str, Any]) -> None:
    the_code = code(browser, staff, "holm")
    refused = staff.exchange(the_code, client_assertion=staff.assertion(**changed))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert staff.exchange(the_code).status_code == 200


def test_an_assertion_works_once_and_only_with_es384(browser: Browser, staff: Client, journal: Journal) -> None:
    used = staff.assertion()
    assert staff.exchange(code(browser, staff, "holm"), client_assertion=used).status_code == 200
    another = staff.answered(browser.get(staff.question()))["code"]
    assert staff.exchange(another, client_assertion=used).status_code == 401
    weak = ECKey.generate_key("P-256", {"kid": "first"})
    assert staff.exchange(another, client_assertion=staff.assertion(weak, "ES256")).status_code == 401
    assert staff.exchange(another, client_assertion=None, client_secret="guessed").status_code == 401
    assert staff.exchange(another, client_assertion_type="urn:somewhat:else").status_code == 401
    assert staff.exchange(another).status_code == 200


def test_the_client_changes_its_key_without_anybody_here_being_told(
    browser: Browser, staff: Client, journal: Journal
) -> None:
    new = ECKey.generate_key("P-384", {"kid": "second", "use": "sig", "alg": "ES384"})
    the_code = code(browser, staff, "holm")
    assert staff.exchange(the_code, client_assertion=staff.assertion(new)).status_code == 401
    journal.keys.append(new)
    time.sleep(1.1)
    assert staff.exchange(the_code, client_assertion=staff.assertion(new)).status_code == 200


def test_the_metadata_say_what_is_so(staff: Client, citizens: Client) -> None:
    for client in (staff, citizens):
        told = httpx.get(f"{client.issuer}/.well-known/openid-configuration").json()
        assert told["issuer"] == client.issuer
        assert told["token_endpoint"] == f"{client.issuer}/token/"
        assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert all("d" not in key for key in httpx.get(told["jwks_uri"]).json()["keys"])
