from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from ekg import preview, queries
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, JENS, OUT_OF_HOURS, PRACTICE, STARTED, deliver, document, held, metadata
from fhir.bundle import Finding, Handling, Severity
from organisations.models import Organisation
from terminology.facilities import Source

pytestmark = pytest.mark.django_db


def flip_a_byte(sha256: str) -> None:
    path = storages["private"].path(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")
    with open(path, "rb+") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))


def test_a_folder_that_never_held_anything_is_empty_at_version_nought() -> None:
    folder = queries.folder(making.grant())
    assert (folder.rows, folder.older, folder.version) == ((), (), 0)
    assert folder.counts == dict.fromkeys(Source, 0)
    assert queries.version(making.grant()) == 0


def test_the_list_is_newest_first_and_by_arrival_where_the_document_gives_no_time() -> None:
    deliver(document("old", making.recording(started=STARTED - timedelta(days=700))))
    deliver(document("timeless", making.recording(started=None)))
    deliver(document("new", making.recording(started=STARTED)))
    received = held("timeless").received_at
    rows = queries.folder(making.grant()).rows
    assert [row.started for row in rows] == [None, STARTED, STARTED - timedelta(days=700)]
    assert rows[0].received == received


def test_a_row_says_what_the_document_says() -> None:
    said = making.recording(note="V1 og V2 er byttet om.\n\t<b>", ended=STARTED + timedelta(seconds=10))
    deliver(document("one", said), handling=Handling.DISCLAIMER)
    (row,) = queries.folder(making.grant()).rows
    assert row == queries.Row(
        id=held().pk,
        started=STARTED,
        ended=STARTED + timedelta(seconds=10),
        received=held().received_at,
        source=Source.UNKNOWN,
        source_words="Ukendt sted",
        organisation="Lægehuset Nord",
        note="V1 og V2 er byttet om.\n\t<b>",
        handling=Handling.DISCLAIMER,
        status="current",
        replaced_at=None,
        replaced_by=None,
    )


@pytest.mark.parametrize(
    ("facility", "registered", "source", "words"),
    [
        (HOSPITAL, "", Source.HOSPITAL, "Hospital"),
        (PRACTICE, HOSPITAL, Source.PRACTICE, "Almen praksis"),
        ("", HOSPITAL, Source.HOSPITAL, "Hospital"),
        ("", OUT_OF_HOURS, Source.OTHER, "Lægevagt"),
        (OUT_OF_HOURS, "", Source.OTHER, "Lægevagt"),
        ("123456789", "", Source.OTHER, "Andet sted"),
        ("", "", Source.UNKNOWN, "Ukendt sted"),
    ],
)
def test_the_metadata_says_where_it_was_recorded_and_else_the_register_does(
    facility: str, registered: str, source: Source, words: str
) -> None:
    Organisation.objects.create(sor="999000000000016", name="Lægehuset Nord", type=registered)
    deliver(document(), metadata(facility_type=facility))
    folder = queries.folder(making.grant())
    assert (folder.rows[0].source, folder.rows[0].source_words) == (source, words)
    assert folder.counts[source] == 1
    assert sum(folder.counts.values()) == 1


@pytest.mark.parametrize(
    ("name", "sor", "words"),
    [
        ("Hjerteklinikken", "999000000000024", "Hjerteklinikken"),
        ("", "999000000000024", "Registrets navn"),
        ("", "999000000000099", "SOR 999000000000099"),
        ("", "", "navn ikke oplyst"),
    ],
)
def test_an_organisation_without_a_name_is_named_by_the_register_or_by_its_number(
    name: str, sor: str, words: str
) -> None:
    Organisation.objects.create(sor="999000000000024", name="Registrets navn")
    deliver(document("one", making.recording(organisation_name=name, organisation_sor=sor)))
    assert queries.folder(making.grant()).rows[0].organisation == words


def fifty() -> None:
    for number in range(49):
        deliver(document(f"more-{number}", replace(making.recording(), started=STARTED - timedelta(days=number))))
    deliver(document("last"), metadata("urn:uuid:last", replaces=("urn:uuid:more-1",)))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda: queries.folder(making.grant()), id="folder"),
        pytest.param(lambda: queries.version(making.grant()), id="version"),
        pytest.param(lambda: queries.recording(making.grant(), held().pk), id="recording"),
        pytest.param(lambda: queries.preview(making.grant(), held().pk), id="preview"),
        pytest.param(lambda: queries.original(making.grant(), held().pk), id="original"),
    ],
)
def test_fifty_recordings_cost_as_many_queries_as_one(ask: Callable[[], Any]) -> None:
    deliver(document())
    with CaptureQueriesContext(
        connection,
    ) as one:
        ask()
    fifty()
    with CaptureQueriesContext(connection) as many:
        ask()
    assert len(many) == len(one)


def test_the_folder_is_one_query_and_the_last_look_another(django_assert_num_queries: Any) -> None:
    grant = making.grant()
    fifty()
    with django_assert_num_queries(2):
        assert len(queries.folder(grant).rows) == 49


def test_a_recording_is_one_query_and_with_other_versions_two(django_assert_num_queries: Any) -> None:
    deliver(document())
    grant, first = making.grant(), held().pk
    with django_assert_num_queries(1):
        queries.recording(grant, first)
    deliver(document("two"), metadata("urn:uuid:two", replaces=("urn:uuid:one",)))
    with django_assert_num_queries(2):
        queries.recording(grant, first)


def test_an_opened_recording_brings_its_author_its_faults_and_its_pages() -> None:
    findings = (
        Finding("document-id-reused", Severity.INFORMATION, "Composition.identifier", "Til kilden alene."),
        Finding("note-length", Severity.WARNING, "Observation.note", "Kommentaren er for lang."),
        Finding("bdl-11", Severity.ERROR, "Bundle", "Dokumentets dele står i forkert rækkefølge."),
        Finding("bdl-11", Severity.ERROR, "Bundle.entry", "Dokumentets dele står i forkert rækkefølge."),
    )
    deliver(document(), handling=Handling.DISCLAIMER, findings=findings)
    assert queries.recording(making.grant(), held().pk).preview == "pending"
    preview.make(held().pk)
    found = queries.recording(making.grant(), held().pk)
    assert found.row.id == held().pk
    assert (found.author_name, found.author_role) == ("Lone Marie Brandt", "sygeplejerske")
    assert found.findings == ("Dokumentets dele står i forkert rækkefølge.", "Kommentaren er for lang.")
    assert found.preview == queries.preview(making.grant(), held().pk) == "ready"
    (page,) = found.pages
    assert page.number == 1
    assert (round(page.width_mm), round(page.height_mm)) == (297, 210)
    assert page.width > page.height > 1000
    assert (found.versions, found.successor, found.narrative, found.has_pdf) == ((), None, "", True)
    assert found.patient_name == "Nancy Ann Berggren"


def test_a_recording_without_a_readable_pdf_has_its_text_instead() -> None:
    unreadable = making.recording(pdf=None, pdf_sha256="", pages=0, narrative="EKG optaget 12.03.2026")
    deliver(document("one", unreadable), handling=Handling.ERROR)
    found = queries.recording(making.grant(), held().pk)
    assert (found.has_pdf, found.preview, found.narrative) == (False, "none", "EKG optaget 12.03.2026")
    assert found.row.handling is Handling.ERROR
    with pytest.raises(Http404):
        queries.original(making.grant(), held().pk)


def test_the_bytes_are_those_the_source_sent_and_those_the_worker_drew() -> None:
    deliver(document())
    preview.make(held().pk)
    assert queries.original(making.grant(), held().pk)[0] == making.pdf()
    assert queries.page_image(making.grant(), held().pk, 1, 150).data.startswith(b"\x89PNG")
    with pytest.raises(Http404):
        queries.page_image(making.grant(), held().pk, 2, 150)


def test_nothing_of_another_citizen_is_found() -> None:
    deliver(document())
    preview.make(held().pk)
    deliver(document("two"), metadata("urn:uuid:two", replaces=("urn:uuid:one",)))
    other, theirs = making.grant(JENS), held().pk
    assert queries.folder(other).rows == queries.folder(other).older == ()
    assert queries.version(other) == 0
    asked: list[Callable[[], Any]] = [
        lambda: queries.recording(other, theirs),
        lambda: queries.preview(other, theirs),
        lambda: queries.page_image(other, theirs, 1, 150),
        lambda: queries.original(other, theirs),
        lambda: queries.recording(making.grant(), uuid4()),
    ]
    for ask in asked:
        with pytest.raises(Http404):
            ask()


def test_a_withdrawn_recording_is_nowhere_and_the_version_tells_that_something_changed() -> None:
    deliver(document())
    preview.make(held().pk)
    before = queries.folder(making.grant()).version
    making.update(metadata(status="entered-in-error"))
    after = queries.folder(making.grant())
    assert (after.rows, after.older) == ((), ())
    assert after.version == queries.version(making.grant()) > before
    for ask in (queries.recording, queries.preview, queries.original):
        with pytest.raises(Http404):
            ask(making.grant(), held().pk)
    with pytest.raises(Http404):
        queries.page_image(making.grant(), held().pk, 1, 150)


def test_versions_and_successor_follow_the_chain() -> None:
    deliver(document("one"))
    deliver(document("two"), metadata("urn:uuid:two", replaces=("urn:uuid:one",)))
    deliver(document("three", making.recording(started=STARTED + timedelta(minutes=1))), None)
    making.update(metadata("urn:uuid:three", replaces=("urn:uuid:two",)))
    one, two, three = (queries.recording(making.grant(), held(name).pk) for name in ("one", "two", "three"))
    assert [row.id for row in three.versions] == [two.row.id, one.row.id]
    assert [row.id for row in two.versions] == [one.row.id]
    assert one.versions == ()
    assert one.successor == two.successor == three.row
    assert three.successor is None
    assert [row.id for row in queries.folder(making.grant()).rows] == [three.row.id]
    assert {row.id for row in queries.folder(making.grant()).older} == {one.row.id, two.row.id}
    assert one.row.status == "replaced"
    assert one.row.replaced_by == two.row.id
    assert one.row.replaced_at is not None


def test_a_withdrawn_version_is_passed_over_in_the_chain() -> None:
    deliver(document("one"))
    deliver(document("two"), metadata("urn:uuid:two", replaces=("urn:uuid:one",)))
    deliver(document("three"), metadata("urn:uuid:three", replaces=("urn:uuid:two",)))
    making.update(metadata("urn:uuid:two", status="entered-in-error"))
    one, three = (queries.recording(making.grant(), held(name).pk) for name in ("one", "three"))
    assert one.successor == three.row
    assert three.versions == (one.row,)


def test_every_change_of_the_folder_makes_its_version_grow_and_a_drawn_page_does_not() -> None:
    versions = []
    for change in (
        lambda: deliver(document("one")),
        lambda: deliver(document("two"), metadata("urn:uuid:two", replaces=("urn:uuid:one",))),
        lambda: making.update(metadata("urn:uuid:two", facility_type=HOSPITAL)),
        lambda: making.update(metadata("urn:uuid:two", status="superseded")),
    ):
        change()
        versions.append(queries.version(making.grant()))
    assert versions == sorted(set(versions))
    preview.make(held("two").pk)
    assert queries.version(making.grant()) == versions[-1]
    deliver(document("jens", cpr=JENS))
    assert queries.version(making.grant()) == versions[-1]


def test_a_changed_byte_is_never_served() -> None:
    own = making.recording(pdf=(data := making.pdf() + b"\n% another"), pdf_sha256=making.sha256(data))
    deliver(document("one", own))
    flip_a_byte(held().pdf_sha256)
    with pytest.raises(queries.Unavailable):
        queries.original(making.grant(), held().pk)


def test_a_lost_file_is_unavailable_not_unknown() -> None:
    Recording.objects.filter(pk=making.one(document()).pk).update(pdf_sha256="0" * 64)
    with pytest.raises(queries.Unavailable):
        queries.original(making.grant(), held().pk)


@pytest.mark.parametrize("year", [1, 1899, 9999])
def test_a_year_beyond_all_sense_is_no_time_and_the_folder_still_opens(year: int) -> None:
    deliver(document("one", making.recording(started=datetime(year, 12, 31, 23, 59, tzinfo=UTC))))
    assert queries.folder(making.grant()).rows[0].started is None
