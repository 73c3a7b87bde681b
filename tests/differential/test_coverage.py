"""The cases cover docker's command line, and every difference that is listed is used."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from contctl.commands.container.refused import REFUSED
from tests.differential.differences import FILE, differences
from tests.differential.flags import (
    COMMANDS,
    NOT_SHORTCUTS,
    SHORTCUTS,
    command_of,
    flags_of,
    no_engine,
    used,
)
from tests.differential.sides import Program
from tests.differential.table import cases, through_gateway, words_of

CASES = 300
THROUGH_GATEWAY = 60


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= CASES
    assert len(through_gateway()) >= THROUGH_GATEWAY
    assert {case.command for case in cases()} == set(COMMANDS)
    told = Counter((case.line, case.stdin, case.before, case.dialog) for case in cases())
    assert max(told.values()) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_called_by_all_its_names(command: str) -> None:
    first = {tuple(words_of(case.line)[:2]) for case in cases() if case.command == command}
    assert all(command_of(words_of(case.line))[0] == case.command for case in cases())
    if command not in NOT_SHORTCUTS:
        assert SHORTCUTS.get(command, command) in {words[0] for words in first}
    if command not in ("pull", "images", "events"):
        assert ("container", command) in first


@pytest.mark.docker
@pytest.mark.parametrize("command", COMMANDS)
def test_each_flag_is_in_a_case_or_refused(
    command: str, docker: Program, hidden_flags: dict[str, list[str]], home: Path
) -> None:
    flags = flags_of(command, docker.path, no_engine(home))
    assert flags or command in ("diff", "pause", "port", "rename", "top", "unpause", "wait")
    covered = {*REFUSED.get(SHORTCUTS.get(command, command), {}), *hidden_flags.get(command, ())}
    for case in cases():
        name, words = command_of(words_of(case.line))
        if name == command:
            covered |= used(command, words, flags.values())
    assert not flags.keys() - covered


def test_each_difference_is_used_and_explained() -> None:
    named = {name for case in cases() for name in case.differs}
    assert named == set(differences())
    for case in cases():
        for name in case.differs:
            about = differences()[name].commands
            assert not about or case.command in about, (case.name, name)
    for entry in tomllib.loads(FILE.read_text())["difference"]:
        assert entry["what"].endswith(".")
        assert entry["reason"].endswith(".")
