"""Fixtures of a real Secret Service, loaded as a pytest plug-in by tests/conftest.py."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from devtools.secret_service import SecretService, SecretServiceUnavailable
from tests.requirements import unavailable


def _started(resources: ExitStack, service: SecretService) -> SecretService:
    try:
        return resources.enter_context(service)
    except SecretServiceUnavailable as error:
        unavailable(f"no Secret Service: {error}")


@pytest.fixture(scope="session")
def secret_service() -> Iterator[SecretService]:
    """An unlocked Secret Service that all tests share; none may freeze or kill it."""
    with ExitStack() as resources:
        yield _started(resources, SecretService())


@pytest.fixture
def start_secret_service() -> Iterator[Callable[[SecretService], SecretService]]:
    """Starts a Secret Service of the test's own, and ends it after the test."""
    with ExitStack() as resources:
        yield lambda service: _started(resources, service)
