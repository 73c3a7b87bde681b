"""Shells for the command tests."""

import pytest

from tests.commands.harness import Shell


@pytest.fixture
def empty_shell() -> Shell:
    """Nothing is initialised."""
    return Shell()


@pytest.fixture
def shell(empty_shell: Shell) -> Shell:
    """The admin `ada` is logged in."""
    empty_shell.init()
    return empty_shell
