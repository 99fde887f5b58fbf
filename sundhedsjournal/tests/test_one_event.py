"""One event for each answer about a patient, counted: every route to a record, in every way that it can be asked (I13).

A route that is put up tomorrow is crawled tomorrow. What a page asks in the background is covered by the page's own
event while it answers with fixed words; a refusal of it has its own.
"""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from access.doors import Door
from access.tests.blocks import UNREACHABLE, block
from access.tests.cast import NANCY, launched, own
from audit.models import AuditEvent
from ekg.models import PageImage, Recording
from ekg.tests import making
from exports.tests.making import exported
from fhir import blobs
from sundhedsjournal.tests import addresses

pytestmark = pytest.mark.django_db

NOTE = "Elektroderne V1 og V2 er byttet om"
PICTURE = b"\x89PNG a picture"
DATA = (b"Berggren", NOTE.encode(), PICTURE, b"%PDF-")
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "a page": ("GET", {}),
    "a fragment": ("GET", {"HX-Request": "true"}),
    "the headers": ("HEAD", {}),
    "what has changed": ("GET", {"If-None-Match": "*", "If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"}),
    "a part of the bytes": ("GET", {"Range": "bytes=0-3", "If-Range": '"x"'}),
    "from another site": ("GET", {"Sec-Fetch-Site": "cross-site"}),
    "a form": ("POST", {}),
    "a form's fragment": ("POST", {"HX-Request": "true"}),
    "what may be asked": ("OPTIONS", {}),
    "to put": ("PUT", {}),
    "to delete": ("DELETE", {}),
}
CLOSES = "luk"
"""Asked last, and by itself."""


@pytest.fixture
def recording() -> Recording:
    """A recording with a picture and a comment."""
    one = making.one(making.document("one", making.recording(note=NOTE)))
    PageImage.objects.create(
        recording=one, number=1, sha256=blobs.put(PICTURE), size=len(PICTURE), width=1754, height=1240, width_mm=297,
        height_mm=210,
    )  # fmt: skip
    Recording.objects.update(preview="ready", preview_next_try=None)
    return one


class Ledger:
    """Answers on one side, events on the other."""

    def __init__(self, patient: UUID) -> None:
        self.patient, self.answers, self.with_data = patient, 0, 0
        self.before = set(AuditEvent.objects.values_list("pk", flat=True))

    def asked(self, browser: Client, path: str, way: str, background: bool = False, body: Any = None) -> Any:
        """Ask, and see that exactly this answer has been added to the log."""
        method, headers = WAYS[way]
        known = set(AuditEvent.objects.values_list("pk", flat=True))
        form: dict[str, Any] = {"data": body} if body else {}
        answer: Any = getattr(browser, method.lower())(path, headers=headers, **form)
        content = b"".join(answer) if answer.streaming else answer.content
        new = list(AuditEvent.objects.exclude(pk__in=known))
        where = (way, path, answer.status_code, [(each.action, each.reason) for each in new])
        assert answer.status_code != 304, where
        has_data = any(word in content for word in DATA)
        if background and answer.status_code in (200, 204):
            assert (new, has_data) == ([], False), where
            return answer
        assert len(new) == 1, where
        (event,) = new
        assert answer["X-Audit-Id"] == str(event.pk), where
        assert event.patient_ref == self.patient, where
        assert event.outcome == (0 if answer.status_code < 400 else 4), where
        assert answer["Cache-Control"] == "no-store", where
        self.answers += 1
        self.with_data += has_data
        return answer

    def closed(self) -> None:
        """The sum: as many events about the patient as answers, and none beside them."""
        events = AuditEvent.objects.exclude(pk__in=self.before)
        assert events.count() == events.filter(patient_ref=self.patient).count() == self.answers
        assert events.values("request_id").distinct().count() == self.answers, "each by a request of its own"


def opened(browser: Client, door: str) -> str:
    return launched(browser, "holm", NANCY) if door == Door.STAFF else own(browser, "nancy")


@pytest.mark.parametrize("door", list(Door))
def test_every_answer_of_every_route_to_a_record_is_one_event_about_its_patient(
    door: str, recording: Recording
) -> None:
    browser, elsewhere = Client(), Client()  # how the pages are written is looked at elsewhere
    context = opened(browser, door)
    opened(elsewhere, door)
    ready = exported(recording, context)
    ledger = Ledger(recording.patient_id)
    routes = [(route, view) for route, view, given in addresses.MAP if given.get("door") == door]
    assert len(routes) >= 14
    routes.sort(key=lambda each: each[0].endswith(CLOSES))
    shown = set()
    for route, view in routes:
        path = addresses.address(route, context=context, recording_id=recording.pk, export_id=ready)
        background = view.opens_record == "checked"
        for way in WAYS:
            if route.endswith(CLOSES) and WAYS[way][0] == "POST":
                continue
            before = ledger.with_data
            ledger.asked(browser, path, way, background)
            if ledger.with_data > before:
                shown.add(route.partition("/<str:context>/")[2])
        # Of a record that is open in another browser nothing is told, and that is an event too.
        for way in ("a page", "a form's fragment"):
            assert ledger.asked(elsewhere, path, way).status_code == 404
        missing = addresses.address(route, context=context)
        if addresses.NOBODY in missing and not background:
            ledger.asked(browser, missing, "a page")
    ledger.asked(browser, f"/{door}/{context}/{CLOSES}", "a form")
    ledger.asked(browser, f"/{door}/{context}/", "a page")
    ledger.closed()
    seen = {"", "ekg/", "ekg/<uuid:recording_id>/", "ekg/<uuid:recording_id>/original.pdf"}
    assert shown >= seen | {"ekg/<uuid:recording_id>/side/<int:number>/<int:dpi>", "ekg/<uuid:recording_id>/udskriv/"}


def test_an_override_is_an_event_of_its_own_and_so_is_each_answer_under_it(recording: Recording) -> None:
    browser = Client()
    context = launched(browser, "holm", NANCY)
    block("all")
    ledger = Ledger(recording.patient_id)
    here = f"/k/{context}/"
    assert ledger.asked(browser, f"{here}ekg/{recording.pk}/", "a page").status_code == 404
    ledger.asked(browser, f"{here}vaerdispring/", "a page")
    known = set(AuditEvent.objects.values_list("pk", flat=True))
    started = browser.post(f"{here}vaerdispring/", UNREACHABLE)
    told = AuditEvent.objects.exclude(pk__in=known)
    # The case for the log control is an act of ours beside the answer, by no reader.
    assert sorted(told.values_list("action", flat=True)) == ["case.opened", "override.started"]
    assert told.get(action="override.started").pk == UUID(started["X-Audit-Id"])
    for way in ("a page", "a fragment", "the headers"):
        assert ledger.asked(browser, f"{here}ekg/{recording.pk}/", way).status_code == 200
    ledger.asked(browser, f"{here}vaerdispring/slut", "a form")
    assert ledger.asked(browser, f"{here}ekg/{recording.pk}/", "a page").status_code == 404
