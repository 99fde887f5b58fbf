"""The committed samples: what the build makes, true to scale, and wrong only where they mean to be."""

import base64
import csv
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

import ekg.document
import ekg.pdf
from fhir import mhd
from fhir.xml import to_tree
from samples import build, files
from samples.changed import changed
from samples.document import document
from samples.organisations import HOSPITAL, MUNICIPALITY, ORGANISATIONS, OUT_OF_HOURS, SPECIALIST, register
from samples.pdf import pdf
from samples.personas import CITIZENS, MASK, PATIENTS, USERS
from samples.recordings import Recording, recordings

POINTS = 72 / 25.4
ALL = [pytest.param(recording, id=recording.name) for recording in recordings()]
ON_PAPER = [pytest.param(r, id=r.name) for r in recordings() if r.deviation != "broken-pdf"]
BY_MHD = [pytest.param(r, id=r.name) for r in recordings() if r.door == "mhd"]


def named(name: str) -> Recording:
    return next(recording for recording in recordings() if recording.name == name)


def committed(recording: Recording) -> dict[str, Any]:
    return files.tree(f"ekg/{recording.name}.json")


def payload(recording: Recording) -> bytes:
    data = committed(recording)["entry"][1]["resource"]["extension"][0]["valueAttachment"]["data"]
    return base64.b64decode(data, validate=True)


def picture(file: bytes, dots_per_mm: float = 4) -> Image.Image:
    image: Image.Image = pypdfium2.PdfDocument(file)[0].render(scale=dots_per_mm / POINTS).to_pil()
    return image.convert("RGB")


def words(file: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(file))


# -- the files are what the build makes ------------------------------------------------------------------------------


@pytest.mark.parametrize("recording", ALL)
def test_every_committed_file_is_what_the_build_makes_of_its_pdf(recording: Recording) -> None:
    for name, body in build.files(recording, payload(recording)):
        assert files.raw(name) == body, name


def test_no_other_files_are_committed_than_those_the_build_makes() -> None:
    made = {name for recording in recordings() for name, _ in build.files(recording, b"")}
    assert {str(path.relative_to(files.FOLDER)) for path in files.FOLDER.glob("[em][kh][gd]/*")} == made
    assert files.raw("sor.csv") == register().encode()
    assert files.raw("manifest.json") == build.manifest()


@pytest.mark.parametrize("name", ["nancy-2026-11-20-swapped-v1-v2", "grethe-2026-10-08-broken-pdf"])
def test_a_sheet_drawn_twice_is_the_same_to_the_last_byte(name: str) -> None:
    assert pdf(named(name)) == pdf(named(name))


@pytest.mark.parametrize("name", ["nancy-2026-11-20-swapped-v1-v2", "emil-2026-11-18-fainted"])
def test_a_sheet_drawn_today_shows_what_the_committed_one_shows(name: str) -> None:
    """Pictures, not bytes: another version of Pango or HarfBuzz may pack the same glyphs otherwise."""
    apart = ImageChops.difference(picture(pdf(named(name))), picture(payload(named(name)))).convert("L")
    assert sum(apart.point(lambda level: level > 64).histogram()[1:]) < 0.0005 * apart.width * apart.height


def test_the_samples_together_stay_under_six_megabytes() -> None:
    assert sum(path.stat().st_size for path in files.FOLDER.rglob("*") if path.suffix != ".pyc") < 6_000_000


# -- the people ------------------------------------------------------------------------------------------------------


def test_every_persona_has_a_test_cpr_of_a_real_date() -> None:
    acting = [CITIZENS[id] for id in CITIZENS if id not in PATIENTS]
    staff = [user for user in USERS.values() if not user.admin]
    cprs = [patient.cpr for patient in PATIENTS.values()]
    cprs += [citizen.cpr for citizen in acting] + [user.cpr for user in staff]
    assert len(set(cprs)) == len(cprs) >= 8
    assert all(re.fullmatch(r"\d{6}99\d\d", cpr) for cpr in cprs)
    for patient in PATIENTS.values():
        assert 1937 <= patient.born.year <= 2025
        assert f"{patient.born:%d%m%y}" == patient.cpr[:6]
        assert patient.contact
        assert patient.story


def test_no_other_cpr_than_a_personas_stands_in_any_sample() -> None:
    cprs = {patient.cpr for patient in PATIENTS.values()}
    for path in files.FOLDER.glob("*/*.json"):
        assert set(re.findall(r'"value": "(\d{10})"', path.read_text(encoding="utf-8"))) <= cprs, path.name


def test_nancys_folder_is_long_varied_and_has_one_place_nobody_knows() -> None:
    hers = [recording for recording in recordings() if recording.patient == "nancy"]
    places = [ORGANISATIONS[recording.place] for recording in hers]
    assert len(hers) >= 12
    assert len({recording.at.year for recording in hers}) >= 5
    assert {HOSPITAL, SPECIALIST, OUT_OF_HOURS} <= {place.type for place in places if place.registered}
    assert [place.registered for place in places].count(False) == 1


def test_karen_has_no_recordings_and_sigridur_one_from_the_municipality() -> None:
    assert not [recording for recording in recordings() if recording.patient == "karen"]
    assert MUNICIPALITY in [ORGANISATIONS[r.place].type for r in recordings() if r.patient == "sigridur"]


def test_the_protected_citizen_has_a_masked_name_everywhere() -> None:
    recording = named("beskyttet-2026-09-15-dizziness")
    name = committed(recording)["entry"][2]["resource"]["name"][0]
    assert name == {"use": "official", "family": MASK, "given": [MASK, MASK]}
    assert "address" not in committed(recording)["entry"][2]["resource"]
    assert words(payload(recording)).startswith(MASK)


def test_every_user_but_the_administrator_works_at_a_registered_place() -> None:
    register = {row["sor"]: row for row in csv.DictReader(io.StringIO(files.raw("sor.csv").decode()))}
    for user in USERS.values():
        assert user.admin or register[user.sor]["name"] == user.organisation
    assert {user.role for user in USERS.values()} == {"clinician", "assistant", "municipal", "log-controller"}
    assert all(USERS[user.on_behalf_of].authorised for user in USERS.values() if user.role == "assistant")


def test_sor_codes_are_fifteen_digits_of_a_series_nobody_has() -> None:
    assert all(re.fullmatch(r"999\d{12}", organisation.sor) for organisation in ORGANISATIONS.values())
    assert len({organisation.sor for organisation in ORGANISATIONS.values()}) == len(ORGANISATIONS)


# -- the sheets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recording", ON_PAPER)
def test_a_sheet_opens_without_complaint_and_lies_on_its_paper(recording: Recording) -> None:
    file = payload(recording)
    with pikepdf.Pdf.open(io.BytesIO(file)) as opened:
        assert opened.check_pdf_syntax() == []
    pages = pypdfium2.PdfDocument(file)
    assert len(pages) == (2 if recording.paper == "two-pages" else 1)
    size = (210, 148) if recording.paper == "a5" else (297, 210)
    for page in pages:
        width, height = page.get_size()
        assert (width / POINTS, height / POINTS) == pytest.approx(size, abs=0.05)
    assert len(file) < (300_000 if recording.paper == "scan" else 150_000)


@pytest.mark.parametrize("recording", ON_PAPER)
def test_a_sheet_can_be_read_as_text_unless_it_was_scanned(recording: Recording) -> None:
    text = words(payload(recording))
    if recording.paper == "scan":
        assert text.strip() == ""
        return
    speed = 50 if recording.paper == "6x2-fast" else 25
    assert re.search(rf"\b{speed} mm/s +10 mm/mV +0,05–150 Hz", text)
    assert "Syntetisk EKG – tegnet af et program. Ingen rigtig patient." in text
    assert PATIENTS[recording.patient].cpr_dashed in text
    assert f"{recording.at:%d.%m.%Y}" in text
    for lead in ("aVR", "aVL", "aVF", "V1", "V6"):
        assert re.search(rf"\b{lead}\b", text)


@pytest.mark.parametrize("name", ["nancy-2026-11-20-swapped-v1-v2", "emil-2026-11-18-fainted"])
def test_the_grid_is_true_to_the_millimetre(name: str) -> None:
    """Measured in the picture, as with a ruler: a thick line each 5 mm, both ways, from the corner of the grid."""
    dots = 10
    image = picture(payload(named(name)), dots).convert("L")
    across = image.crop((0, 1964, image.width, 1969)).resize((image.width, 1), Image.Resampling.BOX)
    down = image.crop((112, 0, 119, image.height)).resize((1, image.height), Image.Resampling.BOX)
    for line, first, millimetres in ((across, 11, 275), (down, 37, 160)):
        shades = list(line.tobytes())
        for expected in range(first, first + millimetres + 1, 5):
            near = shades[expected * dots - 6 : expected * dots + 7]
            assert abs(near.index(min(near)) - 6) <= 1, expected
        middles = [shades[(first + k) * dots + 5] for k in range(millimetres)]
        assert min(middles) > 240  # nothing stands in the middle of a small square


def test_the_broken_pdf_still_opens_but_ends_in_the_middle_of_its_curves() -> None:
    file = payload(named("grethe-2026-10-08-broken-pdf"))
    assert len(pypdfium2.PdfDocument(file)) == 1
    with pikepdf.Pdf.open(io.BytesIO(file)) as opened:
        assert opened.check_pdf_syntax() != []
        curves = zlib.decompressobj()
        curves.decompress(opened.pages[0].Contents.read_raw_bytes())
        assert not curves.eof


# -- the documents ---------------------------------------------------------------------------------------------------


def places(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no container, with where it stands."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from places(value, f"{path}.{key}")
    else:
        yield path, tree


@pytest.mark.parametrize("recording", [pytest.param(r, id=r.name) for r in recordings() if r.deviation])
def test_a_deviant_document_deviates_in_one_place(recording: Recording) -> None:
    file = payload(recording)
    sound = document(replace(recording, deviation=""), b"a sound file" if recording.deviation == "broken-pdf" else file)
    apart = dict(places(sound)).items() ^ dict(places(committed(recording))).items()
    assert len({path for path, _ in apart if not path.endswith(".text.div")}) == 1


@pytest.mark.parametrize("recording", ALL)
def test_every_reference_in_a_document_leads_to_an_entry(recording: Recording) -> None:
    tree = committed(recording)
    known = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in tree["entry"]}
    named_in = {value for path, value in places(tree) if path.endswith(".reference")}
    assert named_in <= known
    assert known - named_in == {f"Composition/{tree['entry'][0]['resource']['id']}"}
    assert {e["fullUrl"].split("/ekgrecording/")[1] for e in tree["entry"]} == known


def test_identifiers_are_used_once_but_a_corrected_recording_keeps_its_own() -> None:
    trees = {recording.name: committed(recording) for recording in recordings()}
    for path in (("id",), ("identifier", "value"), ("entry", 0, "resource", "identifier", "value")):
        found = [_at(tree, path) for tree in trees.values()]
        assert len(set(found)) == len(found)
    business = ("entry", 1, "resource", "identifier", 0, "value")
    assert _at(trees["jens-2026-03-12-v1"], business) == _at(trees["jens-2026-03-12-v2"], business)


def _at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def test_the_long_note_holds_everything_that_breaks_a_careless_page() -> None:
    note = committed(named("farid-2026-10-21-long-note"))["entry"][1]["resource"]["note"][0]["text"]
    assert len(note) <= 1024
    for trap in ("\n\n", "\t\t", "\n  1.", '"', "'", "<b>", "&amp;", "\\nr. 3", "æøå", "📶"):
        assert trap in note


@pytest.mark.parametrize("recording", ALL)
def test_the_reader_judges_each_document_as_the_manifest_says(recording: Recording) -> None:
    """With one finding where the document has its one deviation, and not a word on the others."""
    judgement = ekg.document.read(committed(recording), ekg.pdf.inspect)
    promised = {delivery.file.split("/")[1].rsplit(".", 1)[0]: delivery.handling for delivery in files.manifest()}
    assert judgement.handling == promised[recording.name]
    assert len(judgement.findings) == (1 if recording.deviation else 0), judgement.findings


@pytest.mark.parametrize("recording", [pytest.param(r, id=r.name) for r in recordings() if r.rendition == "xml"])
def test_the_xml_rendition_is_the_same_document(recording: Recording) -> None:
    assert to_tree(files.raw(f"ekg/{recording.name}.xml")) == committed(recording)


# -- the transactions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recording", BY_MHD)
def test_a_transaction_holds_exactly_the_bytes_of_the_document(recording: Recording) -> None:
    submission, reference, binary = files.tree(f"mhd/{recording.name}.json")["entry"]
    body = files.raw(f"ekg/{recording.name}.{recording.rendition}")
    attachment = reference["resource"]["content"][0]["attachment"]
    assert base64.b64decode(binary["resource"]["data"], validate=True) == body
    assert attachment["size"] == len(body)
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(body, usedforsecurity=False).digest()
    assert attachment["contentType"] == binary["resource"]["contentType"] == f"application/fhir+{recording.rendition}"
    assert attachment["url"] == binary["fullUrl"]
    assert submission["resource"]["entry"] == [{"item": {"reference": reference["fullUrl"]}}]
    assert {entry["request"]["method"] for entry in (submission, reference, binary)} == {"POST"}


@pytest.mark.parametrize("name", sorted(path.name for path in files.FOLDER.glob("mhd/*.json")))
def test_the_door_finds_nothing_to_remark_on_a_transaction(name: str) -> None:
    submission = mhd.read(files.tree(f"mhd/{name}"))
    assert submission.findings == ()
    assert len(submission.items) == 1


@pytest.mark.parametrize("recording", BY_MHD)
def test_the_metadata_say_the_same_as_the_document(recording: Recording) -> None:
    tree, place = committed(recording), ORGANISATIONS[recording.place]
    metadata = files.tree(f"mhd/{recording.name}.json")["entry"][1]["resource"]
    composition = tree["entry"][0]["resource"]
    assert metadata["masterIdentifier"]["value"] == composition["identifier"]["value"]
    assert metadata["identifier"][0]["value"] == f"urn:uuid:{tree['id']}"
    assert metadata["context"]["period"] == composition["event"][0]["period"]
    assert metadata["contained"][0]["identifier"] == tree["entry"][2]["resource"]["identifier"]
    assert metadata["contained"][1].get("name") == tree["entry"][3]["resource"].get("name")
    assert metadata["context"]["facilityType"]["coding"][0]["code"] == place.type[0]


def test_jens_second_document_names_the_first_as_replaced() -> None:
    first, second = (files.tree(f"mhd/jens-2026-03-12-v{n}.json")["entry"][1]["resource"] for n in (1, 2))
    assert second["relatesTo"] == [
        {
            "code": "replaces",
            "target": {
                "type": "DocumentReference",
                "identifier": {"system": "urn:ietf:rfc:3986", "value": first["masterIdentifier"]["value"]},
            },
        }
    ]
    order = [delivery.file for delivery in files.manifest()]
    assert order.index("mhd/jens-2026-03-12-v1.json") < order.index("mhd/jens-2026-03-12-v2.json")


@pytest.mark.parametrize(("name", "status"), build.UPDATES.items())
def test_an_update_carries_metadata_of_a_document_sent_before_and_no_document(name: str, status: str) -> None:
    entries = files.tree(f"mhd/{name}-{status}.json")["entry"]
    assert [entry["resource"]["resourceType"] for entry in entries] == ["List", "DocumentReference"]
    metadata = entries[1]["resource"]
    assert metadata["status"] == status
    assert (
        metadata["masterIdentifier"]["value"] == committed(named(name))["entry"][0]["resource"]["identifier"]["value"]
    )


def test_the_manifest_covers_every_recording_once_and_every_handling() -> None:
    sent = files.manifest()
    assert [delivery.file.split("/")[1].rsplit(".", 1)[0] for delivery in sent] == [r.name for r in recordings()]
    assert {delivery.handling for delivery in sent} == {"show", "disclaimer", "error", "refused"}
    assert {delivery.content_type for delivery in sent} == {"application/fhir+json", "application/fhir+xml"}
    assert all(delivery.body and delivery.patient in PATIENTS for delivery in sent)


# -- variations for tests --------------------------------------------------------------------------------------------


def test_a_changed_sample_differs_where_told_and_the_original_is_untouched() -> None:
    tree = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "name": [{"family": "A"}]}}]}
    varied = changed(tree, {"Patient.name[0].family": "B", "Patient.name[1]": {"family": "C"}}, timestamp="now")
    assert varied["entry"][0]["resource"]["name"] == [{"family": "B"}, {"family": "C"}]
    assert varied["timestamp"] == "now"
    assert tree["entry"][0]["resource"]["name"] == [{"family": "A"}]  # type: ignore[index]
    assert changed(tree, {"entry[0].resource.name": None})["entry"][0]["resource"] == {"resourceType": "Patient"}


@pytest.mark.parametrize("path", ["Patient.birthDate", "Device.name", "entry[3].resource", "a..b", "entry[0]x!"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    tree = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}
    with pytest.raises(KeyError):
        changed(tree, {path: None})
