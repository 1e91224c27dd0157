"""The product as processes, once for all tests that may share it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.torture.blows import Torture
from tests.torture.long import fresh_site

SEED = 7


@pytest.fixture(scope="session")
def torture() -> Iterator[Torture]:
    """A company that trades, and nobody who kills anything yet."""
    with fresh_site() as site:
        torture = Torture(site, Random(SEED), [])
        torture.begin()
        yield torture
