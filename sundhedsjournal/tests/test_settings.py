"""Every setting is documented, and a wrong one stops the start with a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_setting_stands_once_in_the_example_file() -> None:
    source = (ROOT / "sundhedsjournal" / "settings.py").read_text()
    read = set(re.findall(r'(?:text|flag|number|choice)\("([A-Z0-9_]+)"', source))
    told = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(read)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SJ_DEMO", "yes", "SJ_DEMO must be 0 or 1"),
        ("PORT", "http", "PORT must be a whole number"),
        ("FHIR_MAX_BODY", "20MB", "FHIR_MAX_BODY must be a whole number"),
        ("SECRET_KEY", "", "Set SECRET_KEY"),
        ("MUNICIPAL_SEES_EKG", "ja", "MUNICIPAL_SEES_EKG must be 0 or 1"),
        ("CONTEXT_POLICY", "Single", "CONTEXT_POLICY must be one of multi, single"),
        ("CONSENT_SOURCE", "http://samtykke.dk/", "CONSENT_SOURCE names a CPR number in every question"),
        ("RELATION_BRS_URL", "http://gateway.dk/brs", "RELATION_BRS_URL names a CPR number in every question"),
        ("MINLOG_URL", "http://gateway.dk/minlog", "MINLOG_URL names a CPR number in every question"),
        ("MINLOG", "ekg", "MINLOG: ekg must be ekg, eoj or journal, and :viewer, :source or :none"),
        ("MINLOG", "ekg:viewer dds:source", "MINLOG: dds must be ekg, eoj or journal"),
        ("ASSISTANT_ROLES", "nspSundAssistR1", "ASSISTANT_ROLES: nspSundAssistR1 must be followed by"),
        ("ASSISTANT_ROLES", "a:ekg b:alt", "ASSISTANT_ROLES: b must be followed by"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    known = {"DATABASE_URL": "postgresql:///nowhere", "SJ_VAR": str(tmp_path), "SECRET_KEY": "x" * 50}
    env = {**os.environ, **known, name: value, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_demo_refuses_an_address_that_looks_like_production(tmp_path: Path) -> None:
    env = {**os.environ, "SJ_DEMO": "1", "SITE_URL": "https://sundhedsjournal.example.dk", "SJ_VAR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert "SJ_DEMO=1 is for test persons" in done.stderr
