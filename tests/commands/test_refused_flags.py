"""Docker's options that contctl leaves out on purpose."""

import pytest

from contctl.commands.catalog import SECTIONS
from contctl.commands.container.refused import REFUSED, reason_against
from contctl.commands.lazy import Entry, Group
from tests.commands.harness import Shell

ALL = [
    (command, option, reason)
    for command, reasons in REFUSED.items()
    for option, reason in reasons.items()
]
ENTRIES = [entry for part in SECTIONS.values() for entry in part if isinstance(entry, Entry)]
RUN_A_PROCESS = {entry.name for entry in ENTRIES if entry.runs_a_process}
IN_GROUP = {
    entry.name
    for part in SECTIONS.values()
    for group in part
    if isinstance(group, Group) and group.name == "container"
    for entry in group.entries
}


@pytest.mark.parametrize(("command", "option", "reason"), ALL)
def test_each_is_refused_with_its_reason(
    empty_shell: Shell, command: str, option: str, reason: str
) -> None:
    lines = [[command, option], [command, f"{option}=x", "web"]]
    if command in IN_GROUP:
        lines.append(["container", command, option, "web"])
    for words in lines:
        result = empty_shell.run(*words)
        kind = "[usage]" if command in RUN_A_PROCESS else ""
        assert (result.code, result.out) == (125 if kind else 2, "")
        error, hint = result.err.splitlines()
        assert error == f"error{kind}: contctl does not take {option}: {reason}"
        assert hint.startswith("hint: see 'contctl ")


@pytest.mark.parametrize(("command", "option", "reason"), ALL)
def test_each_is_an_option_with_a_phrase(command: str, option: str, reason: str) -> None:
    assert option.startswith("-")
    assert " " not in option
    assert reason
    assert "\n" not in reason
    assert not reason.endswith(".")
    assert reason_against(command, option) == reason


def test_others_are_unknown_and_not_refused(shell: Shell) -> None:
    assert reason_against("user rm", "--link") is None
    assert shell.run("user", "rm", "--link").err.startswith("error: no such option: --link")
    assert shell.run("rm", "--bogus").err.startswith("error: no such option: --bogus")


def test_what_follows_the_end_of_options_is_none(shell: Shell) -> None:
    result = shell.run("rm", "--", "--link")
    assert (result.code, result.err) == (3, "error: no such container: --link\n")
