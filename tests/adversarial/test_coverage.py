"""The table of attacks and the tests say the same."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.adversarial.gateway_lines import GATEWAY
from tests.adversarial.lines import LINES

FOLDER = Path(__file__).parent
ALL = {**LINES, "from the network": GATEWAY}


def _tests() -> Iterator[str]:
    """Every test function in this folder, with its file's name, in a class or not."""
    for path in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.stem}::{node.name}"


def test_every_line_is_covered() -> None:
    existing = set(_tests())
    assert len(LINES) == 8
    for bullet, items in ALL.items():
        assert items, bullet
        for item, named in items.items():
            assert named, f"{bullet}: {item}"
            missing = set(named) - existing
            assert not missing, f"{bullet}: {item}: {missing}"


def test_every_file_withstands_something() -> None:
    tests = [test for items in ALL.values() for named in items.values() for test in named]
    files = {path.stem for path in FOLDER.glob("test_*.py")} - {Path(__file__).stem}
    assert files == {test.partition("::")[0] for test in tests}
