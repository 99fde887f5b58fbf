"""How a reader wants the pages: kept with the user, or in a cookie of this browser that says nothing about anybody."""

import pytest
from django.test import Client

from access import preferences
from access.models import User

SETTINGS, SCREEN = "/indstillinger/", "/indstillinger/skaerm/"


def test_who_is_not_signed_in_has_no_settings(client: Client, db: None) -> None:
    assert client.get(SETTINGS)["Location"] == f"/log-ind/?next={SETTINGS}"
    assert client.post(SETTINGS)["Location"] == f"/log-ind/?next={SETTINGS}"
    assert client.post(SCREEN, {"tilpas": "bredde"}).status_code == 401
    assert preferences.COOKIE not in client.cookies


def test_single_keys_are_the_users_own(holm: Client, nancy: str) -> None:
    folder = f"/k/{nancy}/ekg/"
    assert b"data-enkelttaster" not in holm.get(folder).content
    assert holm.post(SETTINGS, {})["Location"] == f"{SETTINGS}?gemt"
    assert b'data-enkelttaster="fra"' in holm.get(folder).content
    assert list(User.objects.filter(single_keys=False).values_list("username", flat=True)) == ["holm"]
    assert holm.post(SETTINGS, {"enkelttaster": "on"}, headers={"HX-Request": "true"}).status_code == 204
    assert b"data-enkelttaster" not in holm.get(folder).content


def test_the_screen_is_the_browsers_and_only_the_server_writes_it(holm: Client, nancy: str) -> None:
    holm.post(SCREEN, {"tilpas": "bredde"}, headers={"HX-Request": "true"})
    holm.post(SCREEN, {"px-pr-mm": "4.1237", "skaerm": "1920x1080"}, headers={"HX-Request": "true"})
    cookie = holm.cookies[preferences.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = holm.get(f"/k/{nancy}/ekg/").content
    for told in (b'data-tilpas="bredde"', b'data-px-pr-mm="4.1237"', b'data-skaerm="1920x1080"'):
        assert told in page


@pytest.mark.parametrize(
    "said",
    [
        '"><script>|"|"',
        "bredde|4.1|1920x1080|more|",
        "||",
        "|1e9|",
        "|-4|",
        "side|123.4|1x1",
        "\x00",
        "bredde" * 1000,
    ],
)
def test_a_cookie_of_anybodys_making_says_nothing_else(holm: Client, nancy: str, said: str) -> None:
    holm.cookies[preferences.COOKIE] = said
    page = holm.get(f"/k/{nancy}/ekg/")
    assert page.status_code == 200
    assert b"<script>|" not in page.content
    assert b'data-px-pr-mm="1' not in page.content


def test_what_is_posted_must_be_a_fit_a_measure_or_a_screen(holm: Client, nancy: str) -> None:
    holm.post(SCREEN, {"tilpas": "bredde|9|9", "px-pr-mm": "NaN", "skaerm": "x"})
    assert preferences.screen(holm.get(f"/k/{nancy}/ekg/").wsgi_request) == preferences.Screen()
