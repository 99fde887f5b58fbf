"""The tables of the time before, with what was in them, forwards and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit.tests.conftest import Scratch, empty_database

__all__ = ["empty_database"]
BEFORE, AFTER = ("ekg", "0002_hidden_from_custody"), ("ekg", "0003_renditions")
SHA = "0" * 64


@pytest.fixture
def scratch(empty_database: Scratch) -> Iterator[None]:
    with empty_database.entered():
        yield


def at(name: tuple[str, str]) -> Any:
    """The models as they were, with the database brought there."""
    executor = MigrationExecutor(connections["owner"])
    executor.migrate([name])
    return MigrationExecutor(connections["owner"]).loader.project_state([name]).apps


def rows(apps: Any, model: str) -> Any:
    return apps.get_model("ekg", model).objects.using("owner")


def recording(apps: Any) -> Any:
    """One that has been drawn."""
    owner = {name: apps.get_model("fhir", name).objects.using("owner") for name in ("Issuer", "Sender", "Delivery")}
    issuer = owner["Issuer"].create(url="https://udsteder.example", algorithms=["ES256"], jwks={})
    sender = owner["Sender"].create(issuer=issuer, subject="praksis", name="praksis", kinds=["ekg"])
    delivery = owner["Delivery"].create(
        sender=sender, sha256=SHA, size=1, content_type="application/fhir+json", door="document", kind="ekg",
        state="received", handling="show", status=201, answer="{}", next_try=timezone.now(), received_at=timezone.now(),
    )  # fmt: skip
    patient = apps.get_model("patients", "Patient").objects.using("owner").create(cpr="2512489996")
    return rows(apps, "Recording").create(
        patient=patient, delivery=delivery, sender=sender, content_sha256=SHA, position=0, pdf_sha256=SHA, pdf_size=1,
        pages=1, handling="show", received_at=timezone.now(), change=1, preview="ready", preview_attempts=1,
    )  # fmt: skip


def test_what_was_drawn_before_is_kept_as_what_it_is_and_drawn_once_more(scratch: None) -> None:
    before = at(BEFORE)
    one = recording(before)
    size = {"sha256": SHA, "size": 1, "width": 1754, "height": 1240, "width_mm": 297.0, "height_mm": 210.0}
    rows(before, "PageImage").create(recording=one, number=1, **size)

    after = at(AFTER)
    kept = rows(after, "PageImage").get()
    assert (kept.dpi, kept.format, kept.sha256, kept.width_mm, kept.next_try) == (150, "png", SHA, 297.0, None)
    again = rows(after, "Recording").get()
    assert (again.preview, again.preview_attempts, again.preview_next_try is None) == ("pending", 0, False)
    assert (again.speed, again.gain, again.printed_cpr_differs) == (None, None, False)

    for dpi, kind in ((75, "png"), (150, "webp"), (0, "jpeg")):
        rows(after, "PageImage").create(recording_id=one.pk, number=1, dpi=dpi, format=kind, **size)
    wanted = {"width_mm": 297.0, "height_mm": 210.0, "next_try": timezone.now()}
    rows(after, "PageImage").create(recording_id=one.pk, number=1, dpi=300, format="png", **wanted)
    rows(after, "Recording").update(preview="ready", preview_next_try=None)

    back = at(BEFORE)
    assert rows(back, "PageImage").get().sha256 == SHA
    assert rows(back, "Recording").get().preview == "pending", "a scan has to be drawn"
