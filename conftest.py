"""What every test can use: the database as the app role sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """The owner makes and migrates the test database; the tests run as the app role, as the product does."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "one")
    with django_db_blocker.unblock():
        owner, app = connections["owner"], connections["default"]
        owner.settings_dict["TEST"]["NAME"] = f"test_sundhedsjournal_{worker}"
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        app.close()
        app.settings_dict["NAME"] = owner.settings_dict["NAME"]
    yield
    with django_db_blocker.unblock():
        app.close()
        owner.creation.destroy_test_db("sundhedsjournal", verbosity=0)
