"""Each of some small faults in contctl makes a case fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.compare import problems
from tests.differential.differences import differences
from tests.differential.faults import FAULTS, Fault
from tests.differential.sides import Place, Program, contctl_program
from tests.differential.table import cases
from tests.guards.copy import TreeCopy

pytestmark = pytest.mark.docker
AT_LEAST = 10


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> TreeCopy:
    return TreeCopy(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def faulty(tree: TreeCopy, contctl: Program, fault: Fault) -> Iterator[Program]:
    """contctl with the fault, in the home of the one without."""
    assert contctl.machine
    path: Path = tree.folder / "environment" / "bin" / "contctl"
    tree.change(fault.file, fault.text, fault.wrong)
    yield contctl_program(contctl.machine, path)
    tree.restore(fault.file)


def test_there_are_enough() -> None:
    assert len(FAULTS) >= AT_LEAST


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_the_fault_is_seen(place: Place, contctl: Program, faulty: Program, fault: Fault) -> None:
    (case,) = [case for case in cases() if case.line == fault.line]
    theirs = place.seen(case, place.docker)
    if problems(case, theirs, place.seen(case, contctl), differences()):
        # An age of less than a second is shown in other words than the next.
        theirs = place.seen(case, place.docker)
        assert problems(case, theirs, place.seen(case, contctl), differences()) == []
    found = problems(case, theirs, place.seen(case, faulty), differences())
    assert found
    assert "contctl has a bug" not in str(found)
