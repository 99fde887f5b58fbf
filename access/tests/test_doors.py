"""Where the pages of an open record are: the same as Django's own answer, whatever routes are in force."""

from typing import Any

import pytest
from django.urls import reverse

from access import contexts, doors
from access.doors import Door

INSTANCE = {Door.STAFF: "", Door.CITIZEN: "borger-"}


@pytest.mark.parametrize("urlconf", ["sundhedsjournal.urls", "access.tests.urls"])
@pytest.mark.parametrize("door", list(Door))
def test_each_context_has_addresses_of_its_own(door: Door, urlconf: str, settings: Any) -> None:
    settings.ROOT_URLCONF = urlconf
    one, other = contexts.new_id(), contexts.new_id()
    for context in (one, other, one):
        expected = reverse(f"{INSTANCE[door]}record:cpr", kwargs={"context": context})
        assert doors.address(door, "record:cpr", context) == expected
        assert context in expected
