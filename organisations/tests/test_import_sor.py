"""manage.py import_sor: a diff first, all or nothing, a sentence with the line for bad input."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organisations.register import lookup

pytestmark = pytest.mark.django_db
HEAD = "sor,name,type,parent_sor,municipality_code,municipality,valid_from,valid_to\n"
NORTH = "990000000000016,Lægehuset Nord,394761003,,751,Aarhus,2015-01-01,\n"


@pytest.fixture
def import_sor(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def run(content: str, *arguments: str) -> str:
        file = tmp_path / "sor.csv"
        file.write_text(content)
        call_command("import_sor", str(file), *arguments)
        return capsys.readouterr().out

    return run


def test_an_import_says_what_it_changes_and_can_be_run_again(import_sor) -> None:
    assert "1 nye, 0 ændrede, 0 uændrede" in import_sor(HEAD + NORTH)
    assert "0 nye, 0 ændrede, 1 uændrede" in import_sor(HEAD + NORTH)
    said = import_sor(HEAD + NORTH.replace("Nord", "Nordby"))
    assert "~ 990000000000016 Lægehuset Nordby (name)" in said
    assert str(lookup("990000000000016")) == "Lægehuset Nordby"


def test_a_dry_run_writes_nothing(import_sor) -> None:
    assert "intet skrevet" in import_sor(HEAD + NORTH, "--dry-run")
    assert lookup("990000000000016") is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("sor,name\n", "Linje 1: kolonnerne type"),
        (HEAD + "12A,Navn,,,,,,\n", "Linje 2: »12A« er ikke et SOR-nummer"),
        (HEAD + NORTH + NORTH, "Linje 3: SOR-nummer 990000000000016 står to gange"),
        (HEAD + "990000000000016,,,,,,,\n", "Linje 2: navnet mangler"),
        (HEAD + "990000000000016,Navn,,,,,1.1.2020,\n", "Linje 2: »1.1.2020« er ikke en dato"),
        (HEAD + "990000000000016,Navn,,,,,2020-01-01,2019-01-01\n", "valid_to ligger før valid_from"),
        (HEAD + NORTH + "990000000000024,Navn,,,75100,,,\n", "Linje 3: municipality_code er for lang"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(import_sor, content: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence.replace("»", ".").replace("«", ".")):
        import_sor(content)
    assert lookup("990000000000016") is None
