"""Every command is documented, in its module, in the catalog and in its help."""

import importlib
from collections.abc import Iterator

import pytest

from contctl.commands.catalog import SECTIONS
from contctl.commands.lazy import Entry, Group
from tests.commands.harness import Shell


def entries() -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Each command with the words that name it."""
    for part in SECTIONS.values():
        for entry in part:
            if isinstance(entry, Group):
                yield from (((entry.name, inner.name), inner) for inner in entry.entries)
            else:
                yield (entry.name,), entry


ALL = list(entries())
GROUPS = [entry.name for part in SECTIONS.values() for entry in part if isinstance(entry, Group)]
IDS = [" ".join(words) for words, _ in ALL]


@pytest.mark.parametrize(("words", "entry"), ALL, ids=IDS)
def test_the_catalogs_summary_is_the_commands_own(words: tuple[str, ...], entry: Entry) -> None:
    command = importlib.import_module(f"contctl.commands.{entry.module}").command
    assert command.__doc__.split("\n")[0] == f"{entry.summary}.", words


@pytest.mark.parametrize(("words", "entry"), ALL, ids=IDS)
def test_help_shows_summary_options_and_the_global_ones(
    empty_shell: Shell, words: tuple[str, ...], entry: Entry
) -> None:
    result = empty_shell.run(*words, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: contctl {' '.join(words)} [OPTIONS]")
    assert f"  {entry.summary}." in result.out
    for option in ("--context", "--debug", "--no-input", "--help"):
        assert option in result.out


def test_the_root_lists_every_command(empty_shell: Shell) -> None:
    out = empty_shell.done("--help")
    assert empty_shell.done() == out
    for words, _ in ALL:
        assert f"\n  {words[0]} " in out


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_without_a_word_shows_its_help(empty_shell: Shell, group: str) -> None:
    assert empty_shell.done(group) == empty_shell.done(group, "--help")


def test_the_version(empty_shell: Shell) -> None:
    assert empty_shell.done("--version") == "contctl 0.1.0\n"
