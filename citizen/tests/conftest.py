"""The whole house, and a doctor in a browser of her own."""

from typing import Any

import pytest
from django.test import Client

from sundhedsjournal.tests.pages import CheckingClient


@pytest.fixture(autouse=True)
def _whole_house(settings: Any) -> None:
    settings.ROOT_URLCONF = "sundhedsjournal.urls"


@pytest.fixture
def doctor(db: None) -> Client:
    return CheckingClient()
