"""The signed heads in the administration: shown to who reads the log, changed by nobody."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from demo import postgres

pytestmark = pytest.mark.django_db
NOTE = "log.example.dk/audit\n41\nAAAA\n\n— log.example.dk/audit BBBB\n"


def as_superuser(sql: str) -> None:
    postgres.superuser(
        Path(current.VAR), f"SET session_replication_role = replica; {sql}", connection.settings_dict["NAME"]
    )


@pytest.fixture
def checkpoint() -> Iterator[int]:
    """Rows of this table are the sequencer's to write, and nobody's to take away again."""
    as_superuser(f"INSERT INTO audit_checkpoint VALUES (41, sha256('x'), '{NOTE}', '2026-11-28 10:00+00', 7)")
    yield 41
    as_superuser("DELETE FROM audit_checkpoint")


def test_who_reads_the_log_reads_its_checkpoints_and_that_is_an_event(client: Client, checkpoint: int) -> None:
    user = get_user_model().objects.create_superuser("drift", password="x", role="operator")
    client.force_login(user)
    pages = [
        client.get(reverse("admin:audit_auditcheckpoint_changelist")),
        client.get(reverse("admin:audit_auditcheckpoint_change", args=[checkpoint])),
    ]
    for page in pages:
        html = page.content.decode()
        assert "log.example.dk/audit" in html
        assert "28.11.2026 kl. 11.00.00" in html
        assert "Gem" not in html.split("<form", 1)[-1].split("</form>")[0]
    assert "— log.example.dk/audit BBBB" in pages[1].content.decode()
    told = AuditEvent.objects.filter(pk__in=[uuid.UUID(page["X-Audit-Id"]) for page in pages]).order_by("recorded")
    assert [(each.action, each.entity) for each in told] == [
        ("audit.searched", "AuditCheckpoint"),
        ("audit.viewed", f"AuditCheckpoint/{checkpoint}"),
    ]
    assert client.post(reverse("admin:audit_auditcheckpoint_change", args=[checkpoint]), {"size": 1}).status_code == 403
    assert (
        client.post(reverse("admin:audit_auditcheckpoint_delete", args=[checkpoint]), {"post": "yes"}).status_code
        == 403
    )


def test_nobody_else_sees_them(client: Client, checkpoint: int, settings: Any) -> None:
    user = get_user_model().objects.create_user("holm", password="x", role="clinician", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("admin:audit_auditcheckpoint_changelist")).status_code in (302, 403)
