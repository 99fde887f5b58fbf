"""manage.py import_fsiii: a diff first, in effect only when confirmed, a sentence for bad input."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from terminology import registry
from terminology.fsiii import Kind, Law, shipped
from terminology.models import Entry, Release
from terminology.tests.published import (
    COOKING,
    NEW,
    PERSONAL_CARE,
    Tree,
    added,
    both,
    code_system,
    found,
    moved,
    raw,
    renamed,
    without,
)  # fmt: skip

pytestmark = pytest.mark.django_db
MENTAL, SELF_CARE = "4571f168-a92a-4caf-8dc8-35f45c2a1cb4", "43c2b7f0-5e55-4627-8fcf-bdaf5a9d84ac"
ELDERLY = "2a668eb0-25f1-4101-863c-11e81c4bf210"
Import = Callable[..., str]


@pytest.fixture
def import_fsiii(tmp_path: Path, capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks) -> Import:
    def run(content: Tree | bytes | str, *arguments: str) -> str:
        file = tmp_path / "fsiii.json"
        body = raw(content) if isinstance(content, dict) else content
        file.write_bytes(body.encode() if isinstance(body, str) else body)
        with django_capture_on_commit_callbacks(execute=True):
            call_command("import_fsiii", str(file), *arguments)
        return capsys.readouterr().out

    return run


def test_the_published_shape_of_what_is_shipped_changes_nothing(import_fsiii: Import) -> None:
    said = import_fsiii(code_system())
    assert "0 nye, 0 udgåede, 0 omdøbte, 0 flyttede, 0 ændrede i øvrigt, 0 med ny beskrivelse" in said
    assert "414 uændrede" in said


def test_a_catalogue_takes_effect_only_when_confirmed(import_fsiii: Import) -> None:
    tree = renamed(code_system(), COOKING, "Lave varm mad")
    assert "FSIII 9.1 er indlæst, men ikke i kraft: kør igen med --confirm." in import_fsiii(tree)
    assert registry.current() is shipped()
    assert Release.objects.get().effective_at is None
    assert "FSIII 9.1 er i kraft fra nu." in import_fsiii(tree, "--confirm")
    assert registry.current().version == "9.1"
    assert registry.current().concepts["J2.2"].name == "Lave varm mad"


def test_the_diff_has_a_line_for_each_change(import_fsiii: Import) -> None:
    tree = renamed(code_system(), COOKING, "Lave varm mad")
    tree = moved(without(tree, "08267627-cf37-49e9-ae2a-4cafdca51ba0"), PERSONAL_CARE, MENTAL)
    tree = added(tree, ELDERLY, NEW, "Ny_indsats", "Ny indsats")
    said = import_fsiii(tree)
    assert f"+ {NEW} Ny_indsats Ny indsats\n" in said
    assert "- 08267627-cf37-49e9-ae2a-4cafdca51ba0 Kommunikation Kommunikation\n" in said
    assert f"~ {COOKING} J2.2 Lave mad → Lave varm mad\n" in said
    assert f"> {PERSONAL_CARE} Personlig_pleje Personlig pleje (overbegreb {SELF_CARE} → {MENTAL})\n" in said
    assert "1 nye, 1 udgåede, 1 omdøbte, 1 flyttede, 0 ændrede i øvrigt" in said
    assert "411 uændrede" in said


def test_descriptions_are_counted_when_new_and_named_when_changed(import_fsiii: Import) -> None:
    assert "1 med ny beskrivelse" in import_fsiii(code_system("9.1", {COOKING: "Om mad."}), "--confirm")
    said = import_fsiii(code_system("9.2", {COOKING: "Mere om mad."}))
    assert f"? {COOKING} J2.2 Lave mad (beskrivelsen)" in said
    assert "0 med ny beskrivelse, 1 med ændret beskrivelse" in said


def test_an_import_can_be_run_again(import_fsiii: Import) -> None:
    tree = renamed(code_system(), COOKING, "Lave varm mad")
    for _ in range(2):
        import_fsiii(tree)
    assert (Release.objects.count(), Entry.objects.count()) == (1, 414)
    import_fsiii(tree, "--confirm")
    since = Release.objects.get().effective_at
    said = import_fsiii(tree, "--confirm")
    assert "FSIII 9.1 er allerede i kraft; intet er ændret." in said
    assert "0 omdøbte" in said
    assert (Release.objects.get().effective_at, Entry.objects.count()) == (since, 414)


def test_what_never_took_effect_gives_way_to_a_corrected_file(import_fsiii: Import) -> None:
    import_fsiii(renamed(code_system(), COOKING, "Fejl"))
    import_fsiii(code_system(), "--confirm")
    assert Release.objects.count() == 1
    assert registry.current().concepts[COOKING].name == "Lave mad"


def test_an_older_catalogue_can_take_effect_again(import_fsiii: Import) -> None:
    first, second = code_system("9.1"), renamed(code_system("9.2"), COOKING, "Lave varm mad")
    for tree in (first, second, first):
        import_fsiii(tree, "--confirm")
    assert registry.current().version == "9.1"
    assert registry.current().concepts[COOKING].name == "Lave mad"


def test_a_new_intervention_is_under_the_law_of_its_group(import_fsiii: Import) -> None:
    import_fsiii(added(code_system(), ELDERLY, NEW, "Ny_indsats", "Ny indsats"), "--confirm")
    concept = registry.current().concepts["Ny_indsats"]
    assert (concept.key, concept.kind, concept.law, concept.retiring) == (NEW, Kind.INTERVENTION, Law.ELDERLY, False)


def test_a_concept_that_disappears_still_has_its_name_and_counts_as_retiring(import_fsiii: Import) -> None:
    import_fsiii(without(code_system("9.1"), COOKING), "--confirm")
    gone = registry.current().concepts["J2.2"]
    assert (gone.key, gone.name, gone.retiring) == (COOKING, "Lave mad", True)
    import_fsiii(code_system("9.2"), "--confirm")
    assert registry.current().concepts["J2.2"].retiring is False


def test_a_catalogue_without_the_older_keys_keeps_those_known(import_fsiii: Import) -> None:
    tree = code_system()
    tree["concept"] = tree["concept"][: len(tree["concept"]) // 2]
    assert "0 nye, 0 udgåede, 0 omdøbte, 0 flyttede, 0 ændrede i øvrigt" in import_fsiii(tree, "--confirm")
    assert registry.current().concepts["J2.2"].key == COOKING


def test_a_file_that_does_not_say_its_version_needs_one(import_fsiii: Import) -> None:
    tree = code_system()
    del tree["version"]
    with pytest.raises(CommandError, match=r"hvilken version den er: angiv den med --version\."):
        import_fsiii(tree)
    assert "FSIII 2026.1 er i kraft fra nu." in import_fsiii(tree, "--version", "2026.1", "--confirm")


def test_a_version_in_effect_is_not_said_twice_by_two_files(import_fsiii: Import) -> None:
    import_fsiii(code_system(), "--confirm")
    with pytest.raises(CommandError, match=r"Version 9\.1 er allerede indlæst fra en anden fil \(fsiii\.json\)"):
        import_fsiii(renamed(code_system(), COOKING, "Lave varm mad"), "--confirm")
    with pytest.raises(CommandError, match=r"Filen er allerede indlæst som version 9\.1"):
        import_fsiii(code_system(), "--version", "9.9", "--confirm")


def nameless(tree: Tree) -> None:
    del both(tree, COOKING)[0]["display"]


def twice(tree: Tree) -> None:
    tree["concept"].append({"code": COOKING, "display": "Lave mad"})


def untied(tree: Tree) -> None:
    found(tree, "J2.2")["code"] = "J2.99"
    found(tree, "J2.99")["display"] = "Noget andet"


def of_another_list(tree: Tree) -> None:
    tree["url"] = "http://example.org/andet"


def of_no_concepts(tree: Tree) -> None:
    tree["concept"] = []


def unnumbered(tree: Tree) -> None:
    found(tree, "9c5cfb57-a498-40e5-98a7-792bf5fb205b")["display"] = "ingen"
    found(tree, "B1")["display"] = "ingen"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (nameless, f"Begrebet {COOKING}: »display« mangler"),
        (twice, f"Koden {COOKING} står to gange"),
        (untied, "Koden J2.99 svarer ikke til noget uuid på samme sted i træet"),
        (of_another_list, "Filen er CodeSystem »http://example.org/andet«, ikke FSIII"),
        (of_no_concepts, "Der er ingen begreber i filen"),
        (unnumbered, "»ingen« er ikke et niveau"),
    ],
)
def test_a_spoilt_catalogue_gets_a_sentence_and_changes_nothing(
    import_fsiii: Import, spoil: Callable[[Tree], None], sentence: str
) -> None:
    tree = code_system()
    spoil(tree)
    with pytest.raises(CommandError) as refused:
        import_fsiii(tree, "--confirm")
    assert sentence in str(refused.value)
    assert Release.objects.count() == 0


HEAD = "system,code,code_kind,paired_code,display_da,definition_da,parent_code,status\n"
ROW = f"urn:oid:1.2.208.176.2.21,{NEW},uuid,X,Navn,Navn,,current\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Linje 1: kolonnerne system, code"),
        ("system,code\n", "Linje 1: kolonnerne code_kind"),
        (HEAD, "Der er ingen begreber i filen"),
        (HEAD + ROW.replace("urn:", "uri:"), "Linje 2: »uri:oid:1.2.208.176.2.21« er ikke FSIII"),
        (HEAD + ROW.replace(NEW, "J1"), "Linje 2: »J1« er ikke et uuid"),
        (HEAD + ROW.replace("Navn,Navn", ","), "Linje 2: navnet mangler"),
        (HEAD + ROW + ROW, f"Koden {NEW} står to gange"),
        (HEAD + ROW.replace(",,current", f",{COOKING},current"), f"overbegrebet {COOKING} er ikke i filen"),
        (HEAD + ROW.replace(",,current", f",{NEW},current"), "overbegreberne går i ring"),
        (HEAD + ROW.replace("Navn,Navn", f"{'N' * 301},"), "name er længere end 300 tegn"),
        ("{", "Linje 1: filen er ikke gyldig JSON"),
        ("[]", "Filen er ikke et CodeSystem"),
        (b"\xff\xfe", "Filen er ikke UTF-8-tekst"),
        ('{"resourceType": "CodeSystem", "url": "urn:oid:1.2.208.176.2.21", "concept": 5}', "er ikke en liste"),
        ("[" * 100_000, "ligger for dybt"),
    ],
)
def test_what_is_no_catalogue_gets_a_sentence(import_fsiii: Import, content: str | bytes, sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        import_fsiii(content, "--version", "9.9", "--confirm")
    assert sentence in str(refused.value)
    assert Release.objects.count() == 0


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.json"):
        call_command("import_fsiii", str(tmp_path / "nothing.json"))


def test_a_table_is_read_like_a_code_system(import_fsiii: Import) -> None:
    said = import_fsiii(HEAD + ROW.replace("Navn,Navn", "Navn,Om det"), "--version", "9.9", "--confirm")
    assert f"+ {NEW} X Navn" in said
    assert "1 nye, 414 udgåede" in said
    assert registry.descriptions([NEW]) == {NEW: "Om det"}


# -- what must be so -------------------------------------------------------------------------------------------------


def release(version: str = "1", sha256: str = "0" * 64) -> Release:
    return Release.objects.create(version=version, source="x", sha256=sha256)


@pytest.mark.parametrize(
    ("constraint", "break_it"),
    [
        ("terminology_release_hash", lambda: release(sha256="nej")),
        ("terminology_release_named", lambda: release(version="")),
        ("terminology_entry_uuid", lambda: Entry.objects.create(release=release(), key="J1", name="x")),
        ("terminology_entry_named", lambda: Entry.objects.create(release=release(), key=NEW, name="")),
        (
            "terminology_entry_once",
            lambda: Entry.objects.bulk_create([Entry(release=each, key=NEW, name="x") for each in [release()] * 2]),
        ),
        (
            "terminology_legacy_once",
            lambda: Entry.objects.bulk_create(
                Entry(release=each, key=key, name="x", legacy="X1")
                for each, key in zip([release()] * 2, (NEW, COOKING), strict=True)
            ),
        ),
    ],
)
def test_the_tables_refuse(constraint: str, break_it: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        break_it()


def test_the_json_of_the_tests_has_every_concept_under_both_codes() -> None:
    assert json.dumps(code_system()).count('"code"') == 828
