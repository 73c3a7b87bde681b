"""What the shells are answered."""

from pathlib import Path

import pytest

from contctl.commands.catalog import SECTIONS
from contctl.commands.completion.candidates import Candidates
from contctl.commands.completion.shells import FILES, Question, answer, question
from contctl.commands.completion.targets import CONTAINERS
from contctl.commands.lazy import Group
from contctl.core.domain.places import Contexts, Gateway
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, PASSWORD, Shell


def asked(shell: Shell, *args: str, kind: str = "zsh") -> list[str]:
    """The lines of the answer; args: what the shell's script gives."""
    shell.environ["_CONTCTL_COMPLETE"] = kind
    result = shell.run(*args)
    del shell.environ["_CONTCTL_COMPLETE"]
    assert (result.code, result.err) == (0, "")
    return result.out.splitlines()


def in_bash(shell: Shell, line: str, word: str | None = None) -> list[str]:
    """The answer to bash. word: what it takes for the word, the last one if None."""
    shown = line.rpartition(" ")[2] if word is None else word
    return asked(shell, shown, line, kind="bash")


@pytest.fixture
def fleet(shell: Shell) -> Shell:
    """Containers `up` and `web`, which run, `frozen`, `made` and `over`."""
    for name in ("up", "web", "frozen"):
        shell.container(name)
    shell.done("pause", "frozen")
    shell.done("run", "--name", "over", IMAGE, "true")
    shell.ports.engine.fail_next("start", ContctlError(ErrorCode.FAILED, "no"))
    shell.run("run", "-d", "--name", "made", IMAGE, "true")
    return shell


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("stop ", "frozen up web"),
        ("container stop ", "frozen up web"),
        ("stop u", "up"),
        ("stop up ", "frozen web"),
        ("stop -t 5 w", "web"),
        ("stop -t5 --signal=KILL -- w", "web"),
        ("kill ", "frozen up web"),
        ("pause ", "up web"),
        ("unpause ", "frozen"),
        ("start ", "made over"),
        ("rm ", "made over"),
        ("rm -f ", "frozen made over up web"),
        ("rm --force w", "web"),
        ("rm -vf w", "web"),
        ("logs ", "frozen made over up web"),
        ("logs -f ", "frozen up web"),
        ("exec ", "up web"),
        ("exec -i w", "web"),
        ("exec -e A=1 w", "web"),
        ("top ", "frozen up web"),
        ("port ", "frozen up web"),
        ("rename ", "frozen made over up web"),
        ("wait ", "frozen up web"),
        ("inspect o", "over"),
        ("rename web ", FILES),
        ("exec web ", FILES),
        ("exec web -", FILES),
        ("run ", FILES),
        ("stop nope", FILES),
        ("stop --signal ", FILES),
        ("no-such-command ", ""),
        ("stop --json=", ""),
        ("sto", "stop store"),
        ("container un", "unpause"),
        ("container remove ", "made over"),
        ("user ", "add disable enable grant ls passwd revoke rm show unlock"),
        ("user add --role ", "admin developer operator viewer"),
        ("user add --role=op", "--role=operator"),
        ("stop --ti", "--time --timeout"),
        ("container --de", "--debug"),
        ("--ver", "--version"),
    ],
)
def test_what_may_follow(fleet: Shell, words: str, wanted: str) -> None:
    expected = wanted.split()
    args = words.split(" ")
    assert asked(fleet, *args) == expected
    assert asked(fleet, *args, kind="fish") == expected
    if "=" not in words:
        assert in_bash(fleet, f"contctl {words}") == expected


def test_every_table_entry_is_a_command_of_dockers() -> None:
    known = {
        entry.module.removeprefix("container.")
        for part in SECTIONS.values()
        for group in part
        if isinstance(group, Group) and group.name == "container"
        for entry in group.entries
    }
    assert {"stop", "start", "logs"} <= known & set(CONTAINERS)


def test_only_what_is_in_scope(fleet: Shell) -> None:
    fleet.login("ada")
    fleet.done("user", "add", "bob", "--password-stdin", stdin=PASSWORD.encode())
    fleet.done("user", "grant", "bob", "operator", "--name", "w*")
    fleet.login("bob")
    assert asked(fleet, "stop", "") == ["web"]


def test_one_call_of_the_engine(fleet: Shell) -> None:
    engine = fleet.ports.engine
    before = list(engine.changes)
    engine.fail_next("inspect", ContctlError(ErrorCode.FAILED, "not asked"))
    asked(fleet, "stop", "")
    assert engine.changes == before
    # The first listing is the only one: a failure of the second one stays queued.
    engine.fail_next("list", ContctlError(ErrorCode.UNAVAILABLE, "down"))
    assert asked(fleet, "stop", "") == []
    assert asked(fleet, "stop", "w") == ["web"]


def test_silence_where_nothing_can_be_known(fleet: Shell) -> None:
    assert asked(Shell(), "stop", "") == []
    fleet.clock.advance(601)
    assert asked(fleet, "stop", "") == []
    fleet.done("logout")
    assert asked(fleet, "stop", "") == []
    assert asked(fleet, "sto") == ["stop", "store"]
    fleet.ports.engine = None  # type: ignore[assignment]  # a bug
    assert asked(fleet, "stop", "") == []
    assert asked(fleet, "stop", "", kind="tcsh") == []


def test_contexts(shell: Shell) -> None:
    shell.client.own.contexts = Contexts({"ops": Gateway("unix:///x", "")}, None)
    for words in (("context", "use", "o"), ("-c", "o"), ("stop", "--context", "o")):
        assert asked(shell, *words) == ["ops"]
    assert asked(shell, "stop", "--context=o") == ["--context=ops"]
    assert asked(shell, "context", "use", "ops", "") == [FILES]


@pytest.mark.parametrize(
    ("line", "word", "wanted"),
    [
        ("contctl stop 'we", "'we", ["web"]),
        ('contctl stop "web" u', "u", ["up"]),
        ("contctl stop w\\e", "w\\e", ["web"]),
        ("contctl user add --role=op", "op", ["operator"]),
        ("contctl user add --role=", "=", ["admin", "developer", "operator", "viewer"]),
        ("contctl user add --role op", "op", ["operator"]),
        ("/opt/bin/contctl stop w", "w", ["web"]),
        ("contctl", "contctl", []),
        ("", "", []),
    ],
)
def test_bash_takes_parts_for_words(fleet: Shell, line: str, word: str, wanted: list[str]) -> None:
    found = in_bash(fleet, line, word)
    assert found == wanted or (not wanted and "stop" in found)


HOSTILE = ("$(touch x)", "a b", "`id`", "a;b", "a'b", 'a"b', "~root", "a\\b", "a*", "-rf", "!x")


def test_names_are_quoted_for_bash() -> None:
    asked_for = Question(("stop",), "", "")
    lines = answer("bash", asked_for, Candidates(HOSTILE))
    assert lines == [
        r"\$\(touch\ x\)", r"a\ b", r"\`id\`", r"a\;b", r"a\'b", r"a\"b", r"\~root", r"a\\b",
        r"a\*", "-rf", r"\!x",
    ]  # fmt: skip
    assert answer("zsh", asked_for, Candidates(HOSTILE)) == list(HOSTILE)
    assert FILES not in answer("bash", asked_for, Candidates((FILES,)))


def test_what_no_person_could_type_is_left_out(shell: Shell) -> None:
    names = ("ok", "two\nlines", "esc\x1b[2J", "tab\there", "bidi\u202e")
    shell.client.own.contexts = Contexts(dict.fromkeys(names, Gateway("unix:///x", "")), None)
    found = asked(shell, "context", "use", "")
    assert "ok" in found
    assert not set(found) & {"two", "lines", "two\nlines", *names[2:]}


def test_questions() -> None:
    assert question("zsh", []) == Question((), "", "")
    assert question("fish", ["stop", ""]) == Question(("stop",), "", "")
    assert question("zsh", ["stop", "'we"]) == Question(("stop",), "we", "we")
    assert question("bash", []) == Question((), "", "")


@pytest.mark.parametrize(
    ("kind", "place", "settings"),
    [
        ("bash", ".bash_completions/contctl.sh", ".bashrc"),
        ("zsh", ".zfunc/_contctl", ".zshrc"),
        ("fish", ".config/fish/completions/contctl.fish", None),
    ],
)
def test_install(
    empty_shell: Shell, tmp_path: Path, kind: str, place: str, settings: str | None
) -> None:
    empty_shell.environ.update(HOME=str(tmp_path), SHELL=f"/usr/bin/{kind}")
    if settings:
        (tmp_path / settings).write_text("alias x=y")
    for _ in range(2):
        result = empty_shell.run("--install-completion")
        assert (result.code, result.out) == (0, "")
        assert result.err == f"{tmp_path / place} completes contctl from the next {kind} on\n"
    assert (tmp_path / place).read_text() == empty_shell.done("--show-completion")
    if settings:
        first, line = (tmp_path / settings).read_text().splitlines()
        assert first == "alias x=y"
        assert place.partition("/")[0] in line


def test_what_cannot_be_installed(empty_shell: Shell, tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file")
    empty_shell.environ.update(HOME=str(tmp_path), SHELL="/usr/bin/fish")
    result = empty_shell.run("--install-completion")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: the completion for fish cannot be installed: ")
    empty_shell.environ["SHELL"] = "/bin/tcsh"
    for option in ("--install-completion", "--show-completion"):
        result = empty_shell.run(option)
        assert (result.code, result.out) == (8, "")
        assert "bash, zsh and fish" in result.err
