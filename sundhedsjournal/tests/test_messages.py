"""The English catalogue: fresh, complete, and with every placeholder where the Danish has one."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import TypeGuard

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override

from tools.messages import KEYWORDS, ROOMS

SAME_IN_BOTH = {"ID", "sha256", "bytes", "entryUUID", "FHIR AuditEvent", "HTML"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}|<[^>]+>")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (settings.BASE_DIR / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="en")


def both(message: Message) -> list[tuple[str, str]]:
    """The Danish and the English of a message, form by form."""
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string or (), strict=True))
    return [(str(message.id), str(message.string))]


def test_english_reads_english() -> None:
    many = "%(n)s EKG-optagelse", "%(n)s EKG-optagelser"
    with override("en"):
        assert gettext("Vis CPR-nummer") == "Show CPR number"
        assert gettext("Ingen kommentar til tolkning") == "No comment on interpretation"
        assert ngettext(*many, 1) % {"n": 1} == "1 ECG recording"
        assert ngettext(*many, 2) % {"n": 2} == "2 ECG recordings"
    with override("da"):
        assert gettext("Vis CPR-nummer") == "Vis CPR-nummer"
        assert ngettext(*many, 2) % {"n": 2} == "2 EKG-optagelser"


def test_every_message_has_english_with_the_same_placeholders(catalogue: Catalog) -> None:
    pairs = [pair for message in catalogue if message.id for pair in both(message)]
    assert len(pairs) > 300
    assert [danish for danish, english in pairs if not english] == []
    odd = [pair for pair in pairs if sorted(PLACEHOLDER.findall(pair[0])) != sorted(PLACEHOLDER.findall(pair[1]))]
    assert odd == []


def test_the_catalogue_is_fresh() -> None:
    command = [sys.executable, "-m", "tools.messages", "--check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def calls_and_imports() -> Iterator[tuple[str, ast.AST]]:
    """Every node of every module of the interface, tests too, with where it stands."""
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                yield f"{path}:{getattr(node, 'lineno', 0)}", node


def is_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS


def test_no_message_stands_inside_an_f_string() -> None:
    """The extractor does not look there, so it would have no English and nobody would notice."""
    joined = [(place, node) for place, node in calls_and_imports() if isinstance(node, ast.JoinedStr)]
    assert [place for place, node in joined if any(is_call(inner) for inner in ast.walk(node))] == []


def test_the_extractor_visits_every_room_and_knows_every_call_for_a_message() -> None:
    """Nor would anybody notice a room that it passes by, a name that it does not know, or a sentence in a variable."""
    named = {app.name.split(".")[0] for app in apps.get_app_configs()}
    assert {name for name in named if (settings.BASE_DIR / name).is_dir()} <= set(ROOMS)
    renamed, veiled = [], []
    for place, node in calls_and_imports():
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names = {name.asname or name.name for name in node.names if "gettext" in name.name}
            renamed += [f"{place} {name}" for name in sorted(names - KEYWORDS.keys())]
        elif is_call(node):
            sentences = node.args[: 2 if "ngettext" in ast.unparse(node.func) else 1]
            veiled += [place for said in sentences if not isinstance(said, ast.Constant) and "/tests/" not in place]
    assert (renamed, veiled) == ([], [])


def test_every_label_of_the_administration_is_a_message() -> None:
    plain = {
        f"{model._meta.label}.{field.name}: {field.verbose_name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in ROOMS
        for field in model._meta.local_fields
        if not isinstance(field.verbose_name, Promise)
        and field.verbose_name not in SAME_IN_BOTH | {field.name.replace("_", " ")}
    }
    assert plain == set()
