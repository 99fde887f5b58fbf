"""No test reads the catalogue that another one imported."""

from collections.abc import Iterator

import pytest

from terminology import registry


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    registry.forget()
    yield
    registry.forget()
