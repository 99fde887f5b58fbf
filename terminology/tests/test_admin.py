"""Catalogues in the administration: to be looked at, recorded, and never changed there."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from access.models import User
from terminology.models import Entry, Release
from terminology.tests.published import COOKING

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    release = Release.objects.create(
        version="9.1", source="fsiii.json", sha256="a" * 64, effective_at=datetime.fromisoformat("2027-01-01T12:00Z")
    )
    return Entry.objects.create(release=release, key=COOKING, legacy="J2.2", kind="function-condition", name="Lave mad")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("drift", "", "hemmeligt"))
    return client


@pytest.mark.parametrize("model", ["release", "entry"])
def test_a_catalogue_can_be_read_and_not_changed(admin: Client, entry: Entry, model: str) -> None:
    row = entry if model == "entry" else entry.release
    shown = admin.get(reverse(f"admin:terminology_{model}_changelist"))
    assert str(row) in shown.content.decode()
    assert shown["X-Audit-Id"]
    one = reverse(f"admin:terminology_{model}_change", args=[row.pk])
    assert admin.get(one)["X-Audit-Id"]
    assert admin.post(one, {"name": "x", "version": "x"}).status_code == 403
    assert admin.post(reverse(f"admin:terminology_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert admin.get(reverse(f"admin:terminology_{model}_add")).status_code == 403
    row.refresh_from_db()
    assert str(row) in {"9.1", "Lave mad"}


@pytest.mark.parametrize("words", ["Lave", "J2.2", COOKING])
def test_a_concept_is_found_by_name_or_by_either_code(admin: Client, entry: Entry, words: str) -> None:
    Entry.objects.create(release=entry.release, key=COOKING.replace("7", "8"), legacy="J2.20", name="Noget andet")
    found = admin.get(reverse("admin:terminology_entry_changelist"), {"q": words}).content.decode()
    assert "Lave mad" in found
    assert "Noget andet" not in found
