"""Who looks at the municipal tab, and who reports, in the tests of this room."""

import pytest
from django.test import Client

from access.tests.cast import NANCY, launched
from eoj.tests.door import municipality
from eoj.tests.tab import HERE, THERE, Put, See
from organisations.models import Organisation
from sundhedsjournal.tests.pages import CheckingClient


@pytest.fixture
def registered() -> None:
    """Two municipalities, as the register names them."""
    for sor, name, code in ((HERE, "Horsens Kommune", "0615"), (THERE, "Randers Kommune", "0730")):
        Organisation.objects.create(sor=sor, name=name, municipality_code=code, municipality=name.split()[0])


@pytest.fixture
def put() -> Put:
    return municipality()


@pytest.fixture
def nurse(client: Client) -> See:
    """A GET of the tab by care staff of Horsens."""
    context = launched(client, "krogh", NANCY, org={"sor": HERE})
    return lambda query="": client.get(f"/k/{context}/kommune/{query}")


@pytest.fixture
def doctor() -> See:
    """A GET of the tab by a doctor, at a browser of her own."""
    browser = CheckingClient()
    context = launched(browser, "holm", NANCY)
    return lambda query="": browser.get(f"/k/{context}/kommune/{query}")
