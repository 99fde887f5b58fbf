"""Nancy, two EKGs, what her municipality tells, and those who open her record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.tests.cast import NANCY, launched
from eoj.tests.door import municipality
from eoj.tests.tab import HERE, THERE, Put
from organisations.models import Organisation

See = Callable[..., Any]


@pytest.fixture
def registered() -> None:
    """Two municipalities, as the register names them."""
    for sor, name, code in ((HERE, "Horsens Kommune", "0615"), (THERE, "Randers Kommune", "0730")):
        Organisation.objects.create(sor=sor, name=name, municipality_code=code, municipality=name.split()[0])


@pytest.fixture
def put() -> Put:
    return municipality()


@pytest.fixture
def see(client: Client) -> See:
    """The overview of a fresh launch by a doctor, or of one that is open."""

    def ask(context: str = "", **headers: str) -> Any:
        return client.get(f"/k/{context or launched(client, 'holm', NANCY)}/", headers=headers)

    return ask
