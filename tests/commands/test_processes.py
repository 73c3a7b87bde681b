"""exec, attach and start, as far as they need no terminal."""

from pathlib import Path

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell

ANSWERS = "echo ready; cat; echo over; exit 4"


def asked(shell: Shell, *args: str, tty: bool = False) -> str:
    """The error line of a command line that asks nothing of the engine that changes it."""
    before = list(shell.ports.engine.changes)
    result = shell.run(*args, tty=tty)
    assert (result.code, result.out) == (125, "")
    assert shell.ports.engine.changes == before
    error, *hint = result.err.splitlines()
    assert [line[:6] for line in hint] in ([], ["hint: "])
    return error


class TestExec:
    def test_an_input_that_is_no_terminal(self, shell: Shell) -> None:
        shell.container("web")
        error = "error[usage]: the input device is not a TTY"
        for args in (("exec", "-it", "web", "sh"), ("run", "-it", IMAGE, "sh")):
            assert asked(shell, *args, tty=True) == error
        assert shell.done("exec", "-t", "web", "echo", "hi") == "hi\r\n"
        assert shell.done("exec", "-dit", "web", "true") == ""
        assert shell.run("run", "--rm", "-t", IMAGE, "echo", "hi").out == "hi\r\n"

    @pytest.mark.parametrize("verb", ["exec", "run", "attach", "start -a"])
    def test_keys_that_are_none(self, shell: Shell, verb: str) -> None:
        shell.container("web")
        what = IMAGE if verb == "run" else "web"
        command = ["true"] * (verb == "exec")
        error = asked(shell, *verb.split(), "--detach-keys", "ctrl-P", what, *command)
        assert error == "error[usage]: not a key of --detach-keys: 'ctrl-P'"

    def test_the_variables_of_files(self, shell: Shell, tmp_path: Path) -> None:
        shell.container("web")
        shell.environ.update(HOME="/home/ada", CONTCTL_HOME="/secret")
        file = tmp_path / "env"
        file.write_bytes(
            b"\xef\xbb\xbf# no\n\nONE=1\r\n  TWO=2 # two\nHOME\nABSENT\nCONTCTL_HOME\n"
        )
        out = shell.done("exec", "--env-file", str(file), "-e", "ONE=more", "web", "env")
        assert out.splitlines() == ["ONE=more", "TWO=2 # two", "HOME=/home/ada"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (None, "open {}: no such file or directory"),
            (b"A B=1", "invalid env file ({}): variable 'A B' contains whitespaces"),
            (b"=1", "invalid env file ({}): no variable name on line 1"),
            (b"A=\xff", "invalid env file ({}): invalid utf8 bytes at line 1"),
        ],
    )
    def test_files_of_something_else(
        self, shell: Shell, tmp_path: Path, content: bytes | None, words: str
    ) -> None:
        shell.container("web")
        file = tmp_path / "env"
        if content is not None:
            file.write_bytes(content)
        error = asked(shell, "exec", "--env-file", str(file), "web", "true")
        assert error == f"error[usage]: {words.format(file)}"

    def test_a_paused_container(self, shell: Shell) -> None:
        container_id = shell.container("web")
        shell.ports.engine.pause(container_id)
        result = shell.run("exec", "web", "true")
        assert (result.code, result.out) == (125, "")
        assert result.err.startswith("error[conflict]: ")


class TestAttach:
    def test_it_ends_as_the_container_does(self, shell: Shell) -> None:
        shell.done("run", "-di", "--name", "web", IMAGE, "sh", "-c", ANSWERS)
        result = shell.run("attach", "web", stdin=b"one\n")
        assert (result.code, result.err) == (4, "")
        assert result.out.endswith("one\nover\n")

    def test_without_input(self, shell: Shell) -> None:
        shell.done("run", "-di", "--name", "web", IMAGE, "sh", "-c", "sleep 0.3; echo end; exit 3")
        result = shell.run("attach", "--no-stdin", "--sig-proxy=false", "web", stdin=b"dropped")
        assert (result.code, result.out) == (3, "end\n")

    def test_what_does_not_run(self, shell: Shell) -> None:
        container_id = shell.container("web")
        engine = shell.ports.engine
        assert asked(shell, "attach", "nope").startswith("error[not-found]: ")
        engine.pause(container_id)
        assert asked(shell, "attach", "web") == (
            "error[conflict]: you cannot attach to a paused container, unpause it first"
        )
        engine.unpause(container_id)
        engine.stop(container_id, 0, None)
        assert asked(shell, "attach", "web") == (
            "error[conflict]: you cannot attach to a stopped container, start it first"
        )

    def test_a_terminal_needs_one(self, shell: Shell) -> None:
        shell.done("run", "-dt", "--name", "web", IMAGE, "sh", "-c", "sleep 0.5; echo end")
        error = asked(shell, "attach", "web")
        assert error == "error[usage]: the input device is not a TTY"
        assert shell.run("attach", "--no-stdin", "web").out == "end\r\n"

    def test_a_connection_that_is_cut(self, shell: Shell) -> None:
        shell.container("web")
        shell.ports.engine.fail_next("attach", ContctlError(ErrorCode.UNAVAILABLE, "cut"))
        assert shell.run("attach", "web").err == "error[unavailable]: cut\n"


class TestStart:
    def test_only_one_is_attached_to(self, shell: Shell) -> None:
        shell.done("run", "--name", "job", IMAGE, "true")
        for option in ("-a", "-i", "-ai"):
            assert asked(shell, "start", option, "job", "job") == (
                "error[usage]: you cannot start and attach multiple containers at once"
            )
        assert asked(shell, "start", "-a", "nope").startswith("error[not-found]: ")

    def test_input_goes_where_it_is_open(self, shell: Shell) -> None:
        shell.run("run", "-i", "--name", "open", IMAGE, "sh", "-c", ANSWERS)
        result = shell.run("start", "-ai", "open", stdin=b"one\n")
        assert (result.code, result.out) == (4, "ready\none\nover\n")
        shell.run("run", "--name", "closed", IMAGE, "sh", "-c", ANSWERS)
        result = shell.run("start", "-ai", "closed", stdin=b"one\n")
        assert (result.code, result.out) == (4, "ready\nover\n")
