"""Each guard is needed: in a copy of the tree without it, its test fails."""

from collections.abc import Iterator

import pytest

from tests.guards.copy import TreeCopy
from tests.guards.table import GUARDS, Guard


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> TreeCopy:
    return TreeCopy(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def without(tree: TreeCopy, guard: Guard) -> Iterator[TreeCopy]:
    """The copy without the guard."""
    tree.change(guard.file, guard.text, guard.without)
    yield tree
    tree.restore(guard.file)


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_without_the_guard_its_test_fails(without: TreeCopy, guard: Guard) -> None:
    result = without.test(*guard.tests.split())
    # 1: tests ran, and failed; an import that breaks, or no test at all, is another code.
    assert result.returncode == 1, result.stdout[-2000:]
    assert "1 failed" in result.stdout
