"""Each command line does the same, given to docker and to contctl."""

import pytest

from tests.differential.runs import Runs
from tests.differential.table import Case, cases, through_gateway

# The first test of those that run alone waits for all the others.
pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ORDERED = sorted(cases(), key=lambda case: case.alone)


@pytest.mark.parametrize("case", ORDERED, ids=[case.name for case in ORDERED])
def test_like_docker(runs: Runs, case: Case) -> None:
    found = runs.of(case, "embedded")
    assert not found, "\n".join([case.line, *found])


@pytest.mark.parametrize("case", through_gateway(), ids=[case.name for case in through_gateway()])
def test_like_docker_through_a_gateway(runs: Runs, case: Case) -> None:
    found = runs.of(case, "gateway")
    assert not found, "\n".join([case.line, *found])
