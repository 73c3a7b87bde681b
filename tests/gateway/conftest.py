"""A gateway for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.served import Served, served


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as found:
        yield found
