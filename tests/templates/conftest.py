"""Fixtures of the templates' tests."""

from collections.abc import Iterator

import pytest

from devtools.engine import PrivateEngine
from tests.real_docker import private_engine


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[PrivateEngine]:
    """One of its own: what other tests leave on theirs would be listed."""
    with private_engine() as engine:
        yield engine
