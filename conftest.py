"""What every test can use: the database as the app role sees it, and a client that checks every page it gets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from audit.minlog import keys
from sundhedsjournal.tests.pages import CheckingClient


@pytest.fixture(autouse=True)
def private_files(tmp_path: Path, settings: Any) -> None:
    """Stored bytes of one test never meet those of another."""
    private = {"BACKEND": settings.PRIVATE_STORAGE["BACKEND"], "OPTIONS": {**settings.PRIVATE_STORAGE["OPTIONS"]}}
    private["OPTIONS"]["location"] = tmp_path / "blobs"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {"default": private, "private": private, "staticfiles": plain}


@pytest.fixture
def client() -> Client:
    return CheckingClient()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """The owner makes and migrates the test database; the tests run as the app role, as the product does."""
    keys.begun()  # as whoever sets up a house does: without it no look of staff is answered
    worker = getattr(request.config, "workerinput", {}).get("workerid", "one")
    with django_db_blocker.unblock():
        owner, app = connections["owner"], connections["default"]
        owner.settings_dict["TEST"]["NAME"] = f"test_sundhedsjournal_{worker}"
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        app.close()
        for alias in set(connections) - {"owner"}:
            connections[alias].settings_dict["NAME"] = owner.settings_dict["NAME"]
    yield
    with django_db_blocker.unblock():
        app.close()
        owner.creation.destroy_test_db("sundhedsjournal", verbosity=0)
