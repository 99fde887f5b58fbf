"""One demo for the fault tests that leave it as they found it; those that need another make their own."""

from collections.abc import Iterator

import pytest

from demo.running import Running, running_demo


@pytest.fixture(scope="package")
def demo() -> Iterator[Running]:
    """The whole demo with its samples."""
    with running_demo() as running:
        yield running
