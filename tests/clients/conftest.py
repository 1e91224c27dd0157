"""One site for all clients, and for each test a mark of its own that its rows begin with."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.clients.site import Site, running_site, trusting


@pytest.fixture(scope="session")
def served_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The services over an empty directory, shared by all clients."""
    with running_site(tmp_path_factory.mktemp("clients")) as site:
        yield site


@pytest.fixture
def site(served_site: Site) -> Iterator[Site]:
    """The services, whose certificate is trusted while the test runs."""
    with trusting(served_site.authorities_file):
        yield served_site


@pytest.fixture
def mark() -> str:
    """Letters that no other test's rows begin with."""
    return f"T{uuid4().hex[:7].upper()}"
