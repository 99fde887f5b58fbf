from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from audit.record import NotRecorded
from ekg import queries
from ekg.document import EkgDocument
from ekg.ingest import EKG
from ekg.models import PageImage, Recording
from ekg.tests import making
from ekg.tests.making import (
    HOSPITAL,
    JENS,
    NANCY,
    PRACTICE,
    STARTED,
    deliver,
    document,
    held,
    metadata,
    recording,
    update,
)  # fmt: skip
from fhir import blobs, doorbell
from fhir.bundle import DocumentMetadata, Finding, Handling, Judgement, Kind, Rejected, Severity
from fhir.parse import from_json, from_xml
from patients.models import Patient
from samples import files
from samples.changed import changed

ROUTINE = "ekg/anna-2025-04-02-routine"
CURRENT, REPLACED, WITHDRAWN = Recording.Status


def events(action: str = "") -> list[tuple[str, str, str]]:
    """Action, entity and reason of every audit row, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, entity, reason FROM audit_event ORDER BY recorded, id")
        return [row for row in cursor.fetchall() if row[0].startswith(action)]


def status(name: str) -> str:
    return held(name).status


def judged(tree: dict[str, Any]) -> Judgement:
    return EKG.read(tree)


def store(judgement: Judgement, by: str = "praksis") -> tuple[Finding, ...]:
    with transaction.atomic():
        return tuple(EKG.store(making.delivery(making.sender(by)), judgement, None))


# ── what it is ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_a_kind_of_document() -> None:
    kind: Kind = EKG
    assert kind.name == "ekg"


@pytest.mark.parametrize(
    "changes",
    [
        {"Composition.type.coding[0].code": "11524-7"},
        {"Composition.meta.profile": None},
        {"Composition.type": None, "Composition.meta": None},
    ],
)
def test_a_wrong_code_or_profile_is_still_judged_as_an_ekg_and_shown_with_a_disclaimer(changes: dict[str, Any]) -> None:
    tree = changed(files.tree(f"{ROUTINE}.json"), changes)
    assert EKG.recognises(tree)
    assert EKG.read(tree).handling is Handling.DISCLAIMER


@pytest.mark.parametrize("tree", [{}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "entry": ["x", None]}])
def test_what_is_no_document_is_judged_and_refused_with_a_finding(tree: dict[str, Any]) -> None:
    assert EKG.recognises(tree)
    assert EKG.read(tree).handling is Handling.REFUSED
    assert EKG.read(tree).findings


def test_a_document_of_another_kind_is_not_taken_for_an_ekg() -> None:
    composition = {
        "resourceType": "Composition",
        "meta": {"profile": ["http://medcomfhir.dk/ig/homecareobservation/StructureDefinition/other|1.0"]},
        "type": {"coding": [{"system": "http://loinc.org", "code": "34133-9"}]},
    }
    assert not EKG.recognises({"resourceType": "Bundle", "type": "document", "entry": [{"resource": composition}]})


# ── storing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_real_document_becomes_a_recording_with_its_pdf() -> None:
    judgement = judged(files.tree(f"{ROUTINE}.json"))
    assert store(judgement) == ()
    stored = Recording.objects.get()
    said = judgement.document.recordings[0]
    assert stored.patient.cpr == judgement.document.cpr
    assert stored.patient.name == stored.patient_name == judgement.document.patient_name
    assert (stored.started, stored.organisation_sor, stored.note) == (said.started, said.organisation_sor, said.note)
    assert blobs.read(stored.pdf_sha256) == said.pdf
    assert (stored.pages, stored.pdf_size, stored.preview) == (1, len(said.pdf), "pending")
    assert (stored.handling, stored.findings, stored.status) == ("show", [], CURRENT)
    assert events("ekg.") == [("ekg.stored", stored.ref, "show")]


@pytest.mark.django_db
def test_nothing_is_stored_when_the_audit_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise NotRecorded("ekg.stored")

    monkeypatch.setattr("ekg.ingest.record", refuse)
    with pytest.raises(NotRecorded):
        deliver(document())
    assert not Recording.objects.exists()


@pytest.mark.django_db
def test_a_document_with_two_recordings_becomes_two_and_only_the_unreadable_one_has_the_error() -> None:
    unreadable = recording(pdf=None, pdf_sha256="", pages=0, narrative="EKG nummer to", note="Se notat")
    findings = (
        Finding("payload", Severity.ERROR, "Observation", "PDF-filen kan ikke læses."),
        Finding("remark", Severity.INFORMATION, "Bundle", "En bemærkning."),
    )
    deliver(document("two", recording(), unreadable), handling=Handling.ERROR, findings=findings[::-1])
    first, second = Recording.objects.order_by("position")
    assert (first.handling, first.preview, first.narrative) == ("disclaimer", "pending", "")
    assert (second.handling, second.preview, second.narrative) == ("error", "none", "EKG nummer to")
    assert second.note == "Se notat"
    assert [finding["rule"] for finding in second.findings] == ["payload", "remark"]


@pytest.mark.django_db
def test_the_pdf_is_safe_before_the_row_points_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(data: bytes, sha256: str | None = None) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blobs, "put", full)
    with pytest.raises(OSError, match="No space"):
        deliver(document())
    assert not Recording.objects.exists()
    assert not Patient.objects.exists()


@pytest.mark.django_db
def test_identifiers_too_long_for_an_index_are_kept_as_their_hash_and_still_identify() -> None:
    long = "urn:uuid:" + "".join(chr(0x100 + number % 5000) for number in range(20_000))
    stored = making.one(document("long", document_id=long, bundle_id=long), metadata(long, entry_uuid=long))
    assert stored.document_id.startswith("sha256:")
    assert update(metadata(long, facility_type=HOSPITAL)) == [str(stored.pk)]


# ── identity (EKG.md §7) ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_the_same_document_as_json_and_as_xml_is_one_recording() -> None:
    as_json = from_json(files.raw(f"{ROUTINE}.json"), 64)
    as_xml = from_xml(files.raw(f"{ROUTINE}.xml"), 64)
    assert store(judged(as_json)) == store(judged(as_xml)) == ()
    assert Recording.objects.count() == 1
    assert len(events("ekg.stored")) == 1


@pytest.mark.django_db
def test_the_same_document_from_another_sender_is_the_same_recording_and_that_sender_may_now_speak_of_it() -> None:
    deliver(document(), by="praksis")
    with pytest.raises(Rejected):
        update(metadata(status="superseded"), by="region")
    deliver(document(), by="region")
    deliver(document(), by="region")
    assert Recording.objects.count() == 1
    assert held().also_sent_by == [making.sender("region").pk]
    assert update(metadata(status="superseded"), by="region") == [str(held().pk)]
    assert status("one") == REPLACED


@pytest.mark.django_db
def test_the_same_identifier_with_other_content_is_a_recording_of_its_own_told_to_the_source() -> None:
    deliver(document("one"))
    other = document("other", document_id="urn:uuid:one")
    (finding,) = deliver(other)
    assert (finding.rule, finding.severity) == ("document-id-reused", Severity.INFORMATION)
    assert [each.status for each in Recording.objects.all()] == [CURRENT, CURRENT]
    assert [each.handling for each in Recording.objects.all()] == ["show", "show"]
    assert deliver(other) == ()
    assert Recording.objects.count() == 2


@pytest.mark.django_db
def test_documents_without_an_identifier_are_told_apart_by_their_content() -> None:
    assert deliver(document("one", document_id="")) == ()
    assert deliver(document("two", document_id="")) == ()
    assert deliver(document("two", document_id="")) == ()
    assert Recording.objects.count() == 2


@pytest.mark.django_db
def test_one_document_is_one_recording_for_the_database_too() -> None:
    deliver(document())
    twin = held()
    twin.pk = uuid7()
    with pytest.raises(IntegrityError, match="ekg_recording_document_once"), transaction.atomic():
        twin.save(force_insert=True)


# ── replacement ─────────────────────────────────────────────────────────────────────────────────────────────────────
Step = Callable[[], object]
NEW = document("new", recording(started=STARTED + timedelta(minutes=5)))


def deliver_new(**said: Any) -> None:
    deliver(NEW, metadata("urn:uuid:new", replaces=("urn:uuid:one",), **said))


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["old first", "new first"])
def test_a_replaced_document_leaves_the_list_in_whichever_order_they_come(order: tuple[int, int]) -> None:
    steps: list[Step] = [lambda: deliver(document("one")), deliver_new]
    for number in order:
        steps[number]()
    assert (status("one"), status("new")) == (REPLACED, CURRENT)
    assert held("one").replaced_by == held("new")
    assert held("one").replaced_at is not None
    assert [row.id for row in queries.folder(making.grant()).rows] == [held("new").pk]
    assert [event[1] for event in events("ekg.replaced")] == [held("one").ref]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["urn:uuid:one", "urn:uuid:entry", "1.2.208^old", "bundle-one", "urn:uuid:bundle-one", "our id", "delivery"],
)
def test_the_replaced_document_may_be_called_by_any_of_its_names(name: str) -> None:
    told = metadata("1.2.208^old", entry_uuid="urn:uuid:entry")
    own = making.one(document("one"), told)
    name = {"our id": f"urn:uuid:{own.pk}", "delivery": f"urn:uuid:{own.delivery_id}"}.get(name, name)
    deliver(NEW, metadata("urn:uuid:new", replaces=(name,)))
    assert status("one") == REPLACED


@pytest.mark.django_db
def test_a_document_says_nothing_of_replacement_itself() -> None:
    deliver(document("one"))
    deliver(document("two"))
    assert (status("one"), status("two")) == (CURRENT, CURRENT)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_another_citizens_document_is_never_replaced(order: tuple[int, int]) -> None:
    steps: list[Step] = [lambda: deliver(document("one", cpr=JENS)), deliver_new]
    for number in order:
        steps[number]()
    assert (status("one"), status("new")) == (CURRENT, CURRENT)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_another_senders_document_is_never_replaced(order: tuple[int, int]) -> None:
    steps: list[Step] = [lambda: deliver(document("one"), by="region"), deliver_new]
    for number in order:
        steps[number]()
    assert (status("one"), status("new")) == (CURRENT, CURRENT)


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["123", "132", "213", "231", "312", "321"])
def test_a_chain_comes_out_the_same_in_every_order(order: str) -> None:
    replaces = {"1": (), "2": ("urn:uuid:1",), "3": ("urn:uuid:2",)}
    for name in order:
        deliver(document(name), metadata(f"urn:uuid:{name}", replaces=replaces[name]))
    assert [status(name) for name in "123"] == [REPLACED, REPLACED, CURRENT]
    assert held("1").replaced_by == held("2")
    assert held("2").replaced_by == held("3")
    assert queries.recording(making.grant(), held("1").pk).successor.id == held("3").pk  # type: ignore[union-attr]


@pytest.mark.django_db
@pytest.mark.parametrize("replaces", [{"1": "1"}, {"1": "2", "2": "1"}, {"1": "2", "2": "3", "3": "1"}])
def test_a_circle_of_replacements_leaves_exactly_one_document_current(replaces: dict[str, str]) -> None:
    for name, older in replaces.items():
        deliver(document(name), metadata(f"urn:uuid:{name}", replaces=(f"urn:uuid:{older}",)))
    assert [status(name) for name in replaces].count(CURRENT) == 1
    for name in replaces:
        queries.recording(making.grant(), held(name).pk)


@pytest.mark.django_db
def test_each_recording_is_replaced_by_the_one_of_the_same_observation() -> None:
    first, second = recording(observation_identifier="a"), recording(observation_identifier="b")
    deliver(document("one", first, second))
    deliver(document("new", second, first), metadata("urn:uuid:new", replaces=("urn:uuid:one",)))
    assert held("one", 0).replaced_by == held("new", 1)
    assert held("one", 1).replaced_by == held("new", 0)


@pytest.mark.django_db
def test_the_first_replacement_stands_and_a_repeat_changes_nothing() -> None:
    deliver(document("one"))
    deliver_new()
    before, version = held("one"), queries.version(making.grant())
    deliver(document("later"), metadata("urn:uuid:later", replaces=("urn:uuid:one",)))
    deliver_new()
    assert held("one").replaced_by == before.replaced_by
    assert held("one").replaced_at == before.replaced_at
    assert queries.version(making.grant()) == version + 1


# ── metadata ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_metadata_attaches_to_a_document_that_came_without() -> None:
    deliver(document())
    said = metadata(entry_uuid="urn:uuid:entry", cpr=NANCY, facility_type=PRACTICE, practice_setting="408443003")
    assert update(said) == [str(held().pk)]
    stored = held()
    assert (stored.facility_type, stored.practice_setting, stored.entry_uuid, stored.status) == (
        PRACTICE, "408443003", "urn:uuid:entry", CURRENT,
    )  # fmt: skip
    assert events("ekg_metadata.") == [("ekg_metadata.updated", stored.ref, "current")]


@pytest.mark.django_db
def test_the_same_metadata_again_changes_and_records_nothing() -> None:
    deliver(document())
    update(metadata(facility_type=PRACTICE))
    before = (queries.version(making.grant()), len(events()))
    assert update(metadata(facility_type=PRACTICE)) == [str(held().pk)]
    assert (queries.version(making.grant()), len(events())) == before


@pytest.mark.django_db
def test_a_repeat_of_the_document_brings_its_metadata_too() -> None:
    deliver(document())
    deliver(document(), metadata(facility_type=HOSPITAL))
    assert (Recording.objects.count(), held().facility_type) == (1, HOSPITAL)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "becomes", "recorded"),
    [("superseded", REPLACED, "ekg_metadata.updated"), ("entered-in-error", WITHDRAWN, "ekg.withdrawn")],
)
def test_a_status_told_later_is_carried_out_without_a_new_recording(said: str, becomes: str, recorded: str) -> None:
    deliver(document())
    update(metadata(status=said))
    stored = Recording.objects.get()
    assert stored.status == becomes
    assert (stored.replaced_at is not None, stored.withdrawn_at is not None) == (
        becomes == REPLACED, becomes == WITHDRAWN,
    )  # fmt: skip
    assert events(recorded) == [(recorded, stored.ref, becomes)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "then", "stands"),
    [
        ("superseded", "current", REPLACED),
        ("entered-in-error", "current", WITHDRAWN),
        ("entered-in-error", "superseded", WITHDRAWN),
        ("superseded", "entered-in-error", WITHDRAWN),
    ],
)
def test_late_metadata_never_makes_an_outdated_recording_current(said: str, then: str, stands: str) -> None:
    deliver(document(), metadata(status=said))
    update(metadata(status=then))
    assert status("one") == stands
    deliver(document(), metadata(status="current"))
    assert status("one") == stands


@pytest.mark.django_db
def test_metadata_alone_may_say_whose_place_a_document_took() -> None:
    deliver(document("one"))
    deliver(NEW)
    update(metadata("urn:uuid:new", replaces=("urn:uuid:one",)))
    assert (status("one"), status("new")) == (REPLACED, CURRENT)
    assert held("one").replaced_by == held("new")


@pytest.mark.django_db
def test_a_replacement_that_is_withdrawn_does_not_bring_the_old_version_back() -> None:
    deliver(document("one"))
    deliver_new()
    update(metadata("urn:uuid:new", status="entered-in-error"))
    folder = queries.folder(making.grant())
    assert folder.rows == ()
    assert [row.id for row in folder.older] == [held("one").pk]
    assert queries.recording(making.grant(), held("one").pk).successor is None


@pytest.mark.django_db
def test_all_recordings_of_a_document_share_its_fate() -> None:
    deliver(document("one", recording(), recording()))
    assert len(update(metadata(status="entered-in-error"))) == 2
    assert {each.status for each in Recording.objects.all()} == {WITHDRAWN}


def document_named_twice() -> None:
    deliver(document("one"), metadata(entry_uuid="urn:uuid:first"))
    deliver(document("other", document_id="urn:uuid:one"), metadata(entry_uuid="urn:uuid:second"))


@pytest.mark.django_db
def test_an_identifier_used_twice_is_told_apart_by_entry_uuid_and_otherwise_refused() -> None:
    document_named_twice()
    with pytest.raises(Rejected, match="Flere dokumenter") as refused:
        update(metadata(status="superseded"))
    assert refused.value.rule == "document-ambiguous"
    (touched,) = update(metadata(entry_uuid="urn:uuid:second", status="superseded"))
    assert [str(each.pk) for each in Recording.objects.filter(status=REPLACED)] == [touched]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "by", "rule"),
    [
        (metadata("urn:uuid:unknown"), "praksis", "document-unknown"),
        (metadata(""), "praksis", "document-unknown"),
        (metadata(), "region", "document-unknown"),
        (metadata(cpr=JENS), "praksis", "patient-identity"),
    ],
)
def test_metadata_that_fits_nothing_is_refused_with_a_sentence(said: DocumentMetadata, by: str, rule: str) -> None:
    deliver(document())
    before = Recording.objects.values().get()
    with pytest.raises(Rejected) as refused:
        update(replace(said, status="entered-in-error"), by=by)
    assert refused.value.rule == rule
    assert NANCY not in str(refused.value)
    assert JENS not in str(refused.value)
    assert Recording.objects.values().get() == before


@pytest.mark.django_db
def test_a_document_entered_twice_answers_to_both_entry_uuids() -> None:
    deliver(document(), metadata(entry_uuid="urn:uuid:first"))
    deliver(document(), metadata(entry_uuid="urn:uuid:second"))
    for name in ("urn:uuid:first", "urn:uuid:second"):
        assert update(DocumentMetadata("", name)) == [str(held().pk)]


@pytest.mark.django_db
def test_a_document_whose_metadata_names_another_citizen_is_not_stored() -> None:
    with pytest.raises(Rejected):
        deliver(document(), metadata(cpr=JENS))
    assert not Recording.objects.exists()


# ── the patient's name ──────────────────────────────────────────────────────────────────────────────────────────────
def name() -> str:
    return Patient.objects.get(cpr=NANCY).name


def called(said: str, days: int) -> EkgDocument:
    return document(said, patient_name=said, composed_at=STARTED + timedelta(days=days))


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_patient_is_called_as_in_the_newest_document(order: tuple[int, int]) -> None:
    made = [called("Nancy Berggren", 0), called("Nancy Holm", 2)]
    for number in order:
        deliver(made[number])
    assert name() == "Nancy Holm"


@pytest.mark.django_db
def test_a_document_from_the_future_cannot_pin_the_name() -> None:
    deliver(called("Nancy Berggren", 36_500))
    deliver(called("Nancy Holm", 36_400))
    assert name() == "Nancy Holm"


@pytest.mark.django_db
def test_a_withdrawn_document_takes_its_name_with_it() -> None:
    deliver(called("Nancy Berggren", 0))
    deliver(called("Jens Forkert", 2))
    assert name() == "Jens Forkert"
    update(metadata("urn:uuid:Jens Forkert", status="entered-in-error"))
    assert name() == "Nancy Berggren"
    update(metadata("urn:uuid:Nancy Berggren", status="entered-in-error"))
    assert name() == ""


@pytest.mark.django_db
def test_a_document_withdrawn_from_the_start_names_nobody() -> None:
    deliver(document(), metadata(status="entered-in-error"))
    assert name() == ""


# ── the doorbell ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_what_was_stored_is_rung_for_once_and_only_while_its_pages_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[str, object]] = []
    monkeypatch.setattr("ekg.ingest.ring", lambda task, about: rung.append((task, about)))
    deliver(document("one", recording(), recording(pdf=None, pdf_sha256="", pages=0)))
    first = held("one").delivery
    EKG.stored(first)
    EKG.enqueue(str(first.pk))
    assert rung == [("ekg.tasks.preview", held("one").pk), ("ekg.tasks.process", str(first.pk))]


def test_a_broker_that_is_gone_is_swallowed_and_a_wiped_folder_is_made_again(tmp_path: Any, settings: Any) -> None:
    told = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "control_folder": str(tmp_path / "a" / "control")}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = told
    assert doorbell.ring("ekg.tasks.preview", "x") is True
    assert (tmp_path / "a" / "control").is_dir()
    (tmp_path / "b").write_text("a file where the folder should be")
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = told | {"control_folder": str(tmp_path / "b" / "control")}
    assert doorbell.ring("ekg.tasks.preview", "x") is False


# ── constraints ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "replaced"}, "status_dated"),
        ({"replaced_at": Now()}, "status_dated"),
        ({"status": "withdrawn"}, "status_dated"),
        ({"withdrawn_at": Now()}, "status_dated"),
        ({"pdf_sha256": ""}, "pdf_whole"),
        ({"preview": "none"}, "pdf_whole"),
        ({"pdf_size": 0}, "pdf_whole"),
        ({"preview": "ready"}, "preview_dated"),
        ({"preview_next_try": None}, "preview_dated"),
        ({"content_sha256": "x"}, "content_hashed"),
        ({"handling": "refused"}, "handling_known"),
    ],
)
def test_the_database_itself_refuses_a_row_that_contradicts_itself(fields: dict[str, Any], constraint: str) -> None:
    deliver(document())
    with pytest.raises(IntegrityError, match=f"ekg_recording_{constraint}"), transaction.atomic():
        Recording.objects.update(**fields)


@pytest.mark.django_db
def test_a_recording_never_follows_itself_and_a_page_is_numbered_once_from_one() -> None:
    stored = making.one(document())
    with pytest.raises(IntegrityError, match="ekg_recording_successor_dated"), transaction.atomic():
        Recording.objects.update(status="replaced", replaced_at=Now(), replaced_by=stored)
    page = {"sha256": "0" * 64, "size": 1, "width": 1, "height": 1, "width_mm": 1, "height_mm": 1}
    with pytest.raises(IntegrityError, match="ekg_pageimage_number_from_one"), transaction.atomic():
        PageImage.objects.create(recording=stored, number=0, **page)
    PageImage.objects.create(recording=stored, number=1, **page)
    with pytest.raises(IntegrityError, match="ekg_pageimage_once"), transaction.atomic():
        PageImage.objects.create(recording=stored, number=1, **page)
