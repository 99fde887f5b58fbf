"""Who may see what, walked: every audience at every route below a context, as the table says and in no other way.

The two tables here are written by hand from the design, and beside the product's: neither is made of the other. A route
that is put up, or a part that is added, without a line here fails.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from access import matrix
from access.matrix import Blocked, Log, Names, Override, Part
from access.models import Audience, PatientContext, Role, User
from access.tests.blocks import block
from access.tests.cast import (
    EMIL,
    JENS,
    KAREN,
    arrived,
    chosen,
    citizen_signs_in,
    custody,
    guardianship,
    launched,
    own,
    power,
    signed_in,
    ticket,
    told,
)
from access.tests.conftest import Rows
from audit.minlog.payload import ACTIVITIES
from audit.models import AuditEvent, MinLogRow
from ekg.models import PageImage, Recording
from ekg.tests import making
from exports.tests.making import exported
from fhir import blobs
from sundhedsjournal.tests import test_house
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db

MATRIX = """
clinician       ekg kommune  hidden  authorised      own-actions  shown
assistant       ekg kommune  hidden  never       own-actions  shown
municipal       -   kommune  hidden  authorised  own-actions  shown
citizen         ekg kommune  shown   never       patient      as-delivered
custody         ekg kommune  shown   never       patient      as-delivered
guardian        ekg kommune  shown   never       patient      as-delivered
proxy           ekg kommune  shown   never       patient      as-delivered
log-controller  -   -        hidden  never       all          shown
operator        -   -        hidden  never       metadata     hidden
"""
ROUTES: dict[str, tuple[str, str]] = {
    "": ("GET", ""),
    "cpr": ("POST", ""),
    "luk": ("POST", ""),
    "ekg/": ("GET", "ekg"),
    "ekg/nyt/<int:version>/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/klar/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/side/<int:number>/<int:dpi>": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/original.pdf": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/udskriv/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/pdf/": ("POST", "ekg"),
    "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/klar/": ("GET", "ekg"),
    "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/ekg.pdf": ("GET", "ekg"),
    "kommune/": ("GET", "kommune"),
    "log/": ("GET", "log"),
    "vaerdispring/": ("GET", ""),
    "vaerdispring/slut": ("POST", ""),
    "vaerdispring/tid/": ("GET", ""),
}
"""Each route below a context: how it is asked, and the part it belongs to, "" for what every reader needs."""
OVERRIDE = "vaerdispring/"
"""The page that the column on overriding decides on."""
STAFF_ONLY = {route for route in ROUTES if route.startswith(OVERRIDE)}
OWN_ONLY = {"log/"}
FOR_STAFF = [route for route in ROUTES if route not in OWN_ONLY]
FOR_CITIZENS = [route for route in ROUTES if route not in STAFF_ONLY]
OWN_DOOR = ("citizen", "custody", "guardian", "proxy")

CELLS = {row.split()[0]: row.split()[1:] for row in MATRIX.strip().splitlines()}
SEES = {
    audience: {cell for cell in cells[:2] if cell != "-"} | ({"log"} if cells[4] == "patient" else set())
    for audience, cells in CELLS.items()
}
RESPONSIBLE: dict[str, Any] = {"on_behalf_of": {"sub": "holm", "name": "Læge Anna Holm"}}
DATA = ("Emil", "Karen", "Jens", "Thorsen", "120917", "010255", "140461", "V1 og V2", "PDF", "Lægehuset Nord")
NO_ACCESS = {
    "k": "Du har ikke adgang til denne borgers oplysninger.",
    "borger": "Du har ikke adgang til disse oplysninger.",
}


@pytest.fixture(autouse=True)
def _whole_house(settings: Any) -> None:
    settings.ROOT_URLCONF = "sundhedsjournal.urls"


# ── somebody of each audience, come in by their own door ────────────────────────────────────────────────────────────
def launched_as(username: str, role: str = "", **said: Any) -> Callable[[Client], tuple[str, str]]:
    """A launched record; `role` is what the user becomes afterwards, who could have launched nothing before."""

    def arrive(client: Client) -> tuple[str, str]:
        signed_in(client, username, **said)
        context = launched(client, username, EMIL)
        if role:
            User.objects.filter(username=username).update(role=role)
            PatientContext.objects.filter(pk=context).update(audience=role)
        return f"/k/{context}/", EMIL

    return arrive


def oneself(client: Client) -> tuple[str, str]:
    return f"/borger/{own(client, 'jens')}/", JENS


def parent(client: Client) -> tuple[str, str]:
    custody()
    citizen_signs_in(client, "maria")
    return f"/borger/{chosen(client, 'custody', EMIL)}/", EMIL


def guardian(client: Client) -> tuple[str, str]:
    guardianship()
    citizen_signs_in(client, "bent")
    return f"/borger/{chosen(client, 'guardian', KAREN)}/", KAREN


def proxy(*privileges: str) -> Callable[[Client], tuple[str, str]]:
    def arrive(client: Client) -> tuple[str, str]:
        citizen_signs_in(client, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", *privileges)])
        return f"/borger/{chosen(client, 'proxy', JENS)}/", JENS

    return arrive


ARRIVE: dict[str, Callable[[Client], tuple[str, str]]] = {
    "clinician": launched_as("holm"),
    "assistant": launched_as("lund", **RESPONSIBLE),
    "municipal": launched_as("krogh"),
    "citizen": oneself,
    "custody": parent,
    "guardian": guardian,
    "proxy": proxy("se_journal", "se_log"),
    "log-controller": launched_as("holm", Role.LOG_CONTROLLER),
    "operator": launched_as("holm", Role.OPERATOR),
}


def recorded(cpr: str) -> Recording:
    """One EKG of this citizen, drawn."""
    one = making.one(making.document("one", making.recording(note="V1 og V2 er byttet om."), cpr=cpr))
    PageImage.objects.create(
        recording=one, number=1, sha256=blobs.put(b"\x89PNG"), size=4, width=1754, height=1240, width_mm=297,
        height_mm=210,
    )  # fmt: skip
    Recording.objects.update(preview="ready", preview_next_try=None)
    return one


def walk() -> Iterator[Any]:
    for audience in CELLS:
        for route in FOR_CITIZENS if audience in OWN_DOOR else FOR_STAFF:
            part = ROUTES[route][1]
            is_open = part in SEES[audience] if part else bool(SEES[audience])
            yield pytest.param(audience, route, is_open, id=f"{audience}-{route}")


# ── the tables ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_product_s_table_is_the_design_s() -> None:
    said = {
        str(audience): [
            *(part if part in matrix.rights(audience).parts else "-" for part in (Part.EKG, Part.MUNICIPAL)),
            row.blocked, row.override, row.log, row.names,
        ]
        for audience, row in matrix.TABLE.items()
    }  # fmt: skip
    assert said == CELLS
    assert set(matrix.TABLE) == set(Audience)
    assert {audience: set(matrix.rights(audience).parts) for audience in CELLS} == SEES
    assert {str(part) for part in Part} == {part for _, part in ROUTES.values() if part}


def test_whoever_is_not_in_the_table_opens_nothing() -> None:
    for stranger in ("", "sender", "administrator"):
        rights = matrix.rights(stranger)
        assert (rights.parts, rights.blocked, rights.override) == (frozenset(), Blocked.HIDDEN, Override.NEVER)
        assert (rights.log, rights.names) == (Log.NONE, Names.HIDDEN)


def test_every_route_below_a_context_stands_in_the_table_with_its_part() -> None:
    found: dict[str, set[str]] = {}
    for route, view, _ in test_house.told(get_resolver("sundhedsjournal.urls")):
        _, is_below, rest = route.partition("/<str:context>/")
        if is_below:
            found.setdefault(rest, set()).add(str(view.part or ""))
    assert found == {route: {part} for route, (_, part) in ROUTES.items()}


# ── the walk ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("audience", "route", "is_open"), list(walk()))
def test_each_audience_at_each_route_gets_what_the_table_says_and_nothing_else(
    audience: str, route: str, is_open: bool, events: Rows
) -> None:
    client = CheckingClient()
    base, cpr = ARRIVE[audience](client)
    check(client, base, route, cpr, events, is_open=is_open, audience=audience)


def check(
    client: Client, base: str, route: str, cpr: str, events: Rows, *, is_open: bool, audience: str, reason: str = "role"
) -> None:
    one = recorded(cpr)
    if route == OVERRIDE:
        block("all", cpr)
        if is_open and audience != "clinician":  # the others here have no authorisation, or no use of it
            is_open, reason = False, "forbidden"
    path = base + (
        route.replace("<uuid:recording_id>", str(one.pk))
        .replace("<int:version>", "0")
        .replace("<int:number>/<int:dpi>", "1/150")
    )
    if "<uuid:export_id>" in path:
        path = path.replace("<uuid:export_id>", exported(one, base.split("/")[2]))
    events()
    owed_before = MinLogRow.objects.count()
    answer = client.generic(ROUTES[route][0], path)
    body = b"".join(answer) if answer.streaming else answer.content
    left = events()
    looks = [row for row in left if row[0] in ACTIVITIES and row[1] == 0 and audience not in OWN_DOOR]
    assert MinLogRow.objects.count() - owed_before == len(looks), "MinLog is told of looks by staff, and of no others"
    if is_open:
        assert answer.status_code in {200, 204, 303}, (answer.status_code, body)
        assert [row[1:] for row in left] in ([(0, "")], [])
        if not left:  # a background check: fixed words, covered by the event of its page
            assert not [word for word in DATA if word in body.decode()]
        return
    assert answer.status_code == 403
    assert left == [("access.refused", 4, reason)]
    assert NO_ACCESS[base.split("/")[1]] in body.decode()
    assert not [word for word in DATA if word in body.decode()]
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (line.patient_ref, line.actor_role) == (one.patient_id, audience)


# ── what settings, logins and privileges change in it ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("route", FOR_STAFF)
def test_a_controller_may_open_ekgs_for_municipal_staff(route: str, events: Rows, settings: Any) -> None:
    settings.MUNICIPAL_SEES_EKG = True
    client = CheckingClient()
    base, cpr = ARRIVE["municipal"](client)
    check(client, base, route, cpr, events, is_open=True, audience="municipal")


@pytest.mark.parametrize("route", FOR_STAFF)
def test_an_assistant_without_a_responsible_person_opens_nothing(route: str, events: Rows) -> None:
    client = CheckingClient()
    base, cpr = ARRIVE["assistant"](client)
    told(client, on_behalf_of=None)
    check(client, base, route, cpr, events, is_open=False, audience="assistant", reason="responsible-missing")


@pytest.mark.parametrize("route", FOR_STAFF)
@pytest.mark.parametrize(
    ("role", "parts"), [("nspSundAssistR1", {"", "ekg", "kommune"}), ("nspPlejeAssR3", {"", "kommune"})]
)
def test_a_national_role_on_the_list_opens_what_the_list_says(
    role: str, parts: set[str], route: str, events: Rows, settings: Any
) -> None:
    settings.ASSISTANT_ROLES = {"nspSundAssistR1": ["ekg", "kommune"], "nspPlejeAssR3": ["kommune"]}
    client = CheckingClient()
    base, cpr = launched_as("lund", national_role=role)(client)
    check(client, base, route, cpr, events, is_open=ROUTES[route][1] in parts, audience="assistant")


def test_a_national_role_that_is_not_on_the_list_launches_nothing(events: Rows, settings: Any) -> None:
    settings.ASSISTANT_ROLES = {"nspPlejeAssR3": ["kommune"]}
    for said in ({}, {"national_role": "nspSundAssistR1"}):
        client = CheckingClient()
        signed_in(client, "lund", **said)
        refused = client.get(arrived(client, ticket("lund", EMIL)))
        assert refused.status_code == 403
        assert "på vegne af en ansvarlig sundhedsperson" in refused.content.decode()
        assert events()[-1] == ("launch.refused", 4, "responsible-missing")
    assert not PatientContext.objects.exists()


@pytest.mark.parametrize("route", FOR_CITIZENS)
@pytest.mark.parametrize(
    ("privileges", "parts"),
    [
        (("se_ekg",), {"", "ekg"}),
        (("se_kommune",), {"", "kommune"}),
        (("se_kommune", "se_log"), {"", "kommune", "log"}),
        (("se_log",), {"", "log"}),
        (("se_ekg", "se_kommune"), {"", "ekg", "kommune"}),
        (("se_journal", "unknown"), {"", "ekg", "kommune"}),
    ],
    ids=["ekg", "kommune", "kommune-and-log", "log", "both", "journal"],
)
def test_a_fuldmagt_opens_what_its_privileges_say(
    privileges: tuple[str, ...], parts: set[str], route: str, events: Rows
) -> None:
    client = CheckingClient()
    base, cpr = proxy(*privileges)(client)
    check(client, base, route, cpr, events, is_open=ROUTES[route][1] in parts, audience="proxy")


def test_a_clinician_whose_login_tells_of_no_authorisation_overrides_nothing(events: Rows) -> None:
    client = CheckingClient()
    signed_in(client, "holm", authorised=False)
    base, cpr = f"/k/{launched(client, 'holm', EMIL)}/", EMIL
    block("all", cpr)
    assert client.get(base + OVERRIDE).status_code == 403
    assert (
        client.post(base + OVERRIDE, {"ground": "unreachable", "reason": "Bevidstløs i ambulancen."}).status_code == 403
    )
    assert events()[-1] == ("access.refused", 4, "forbidden")
    assert "vaerdispring" not in client.get(f"{base}kommune/").content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CLINICIAN, Role.CITIZEN)])
def test_what_was_opened_as_a_doctor_is_not_kept_by_somebody_who_is_something_else_now(
    role: Role, events: Rows
) -> None:
    client = CheckingClient()
    base, _ = ARRIVE["clinician"](client)
    User.objects.filter(username="holm").update(role=role)
    events()
    assert client.get(f"{base}kommune/").status_code == 403
    assert events() == [("access.refused", 4, "role")]
