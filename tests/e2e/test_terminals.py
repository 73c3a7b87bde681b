"""What a person sees at a terminal, and what a terminal never sees."""

import re
import secrets
from collections.abc import Callable

import pexpect
import pytest

from devtools.engine import PrivateEngine
from devtools.registry import PrivateRegistry
from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, IMAGE, PASSWORD, Machine
from tests.e2e.screens import COLOR, without_colors
from tests.e2e.side_by_side import DockerCli


def answered(terminal: "pexpect.spawn[str]", *talk: tuple[str, str]) -> tuple[int, str]:
    """Answer each prompt of `talk`; the exit code and all that was shown."""
    shown = ""
    for prompt, answer in talk:
        terminal.expect_exact(prompt)
        shown += str(terminal.before) + str(terminal.after)
        # The prompt may be printed before the echo is off.
        if "assword" in prompt or "again" in prompt:
            eventually(lambda: not terminal.getecho(), "the echo is off")
        terminal.send(answer if answer in ("\x03", "\x04") else f"{answer}\n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus is not None, f"ended by signal {terminal.signalstatus}"
    return terminal.exitstatus, (shown + str(terminal.before)).replace("\r\n", "\n")


class TestPrompts:
    """Passwords and names, typed by a person."""

    def test_init_and_login(self, bare: Machine) -> None:
        code, shown = answered(
            bare.on_terminal("init"),
            ("User name [", "grace"),
            ("New password: ", PASSWORD),
            ("The same again: ", PASSWORD),
        )
        assert (code, PASSWORD in shown) == (0, False)
        assert "first admin, grace" in shown
        code, shown = answered(
            bare.on_terminal("login"), ("User name: ", "grace"), ("Password: ", PASSWORD)
        )
        assert (code, PASSWORD in shown) == (0, False)
        assert "logged in as grace" in shown
        assert bare.done("whoami") == "grace\n"

    def test_two_different_new_passwords(self, bare: Machine) -> None:
        code, shown = answered(
            bare.on_terminal("init", "--username", "ada"),
            ("New password: ", PASSWORD),
            ("The same again: ", f"{PASSWORD}!"),
        )
        assert code == 2
        assert "error: the two passwords differ\n" in shown
        assert not (bare.home / "contctl" / "contctl.db").exists()

    @pytest.mark.parametrize("key", ["\x03", "\x04"])
    def test_a_prompt_is_left(self, bare: Machine, key: str) -> None:
        code, shown = answered(bare.on_terminal("init"), ("User name [", key))
        assert (code, "Traceback" in shown, "error" in shown) == (130, False, False)
        code, shown = answered(
            bare.on_terminal("init"), ("User name [", "ada"), ("New password: ", key)
        )
        assert (code, "Traceback" in shown, "error" in shown) == (130, False, False)
        assert not (bare.home / "contctl" / "contctl.db").exists()

    def test_the_echo_is_on_again_after_an_interrupt(self, bare: Machine) -> None:
        script = 'trap : INT; "$0" init --username ada; echo "code $?"; stty -a'
        shell = pexpect.spawn(
            "sh", ["-c", script, str(CONTCTL)], env=bare.environment(), timeout=20, encoding="utf-8"
        )
        code, shown = answered(shell, ("New password: ", "\x03"))
        assert code == 0
        assert "code 130" in shown
        assert re.search(r"[^-]echo ", shown)

    def test_nobody_is_asked_with_no_input(self, bare: Machine) -> None:
        code, shown = bare.shown("--no-input", "init")
        assert code == 2
        assert "error: a password is needed" in shown


@pytest.mark.docker
class TestTables:
    """A table for people, plain columns for programs."""

    def test_colours_only_where_they_are_wanted(self, docked: Machine, evil: str) -> None:
        args = ("ps", "--filter", f"name={evil}")
        plain = docked.done(*args)
        assert plain.startswith("CONTAINER ID   IMAGE ")
        assert COLOR.search(docked.shown(*args)[1])
        for environ in ({"TERM": "dumb"}, {"TERM": "dumb", "CLICOLOR_FORCE": "0"}):
            assert "\x1b" not in docked.shown(*args, environ=environ)[1]
        hues = re.compile(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m")
        assert hues.search(docked.shown(*args)[1])
        assert not hues.search(docked.shown(*args, environ={"NO_COLOR": "1"})[1])
        assert hues.search(docked.shown(*args, environ={"NO_COLOR": ""})[1])

    def test_a_forced_colour_goes_into_a_pipe_too(self, docked: Machine) -> None:
        args = ("user", "ls")
        plain = docked.run(*args, environ={"NO_COLOR": "1", "CLICOLOR_FORCE": "1"})
        assert plain.out == docked.done(*args)
        forced = docked.run(*args, environ={"CLICOLOR_FORCE": "1", "TERM": "xterm"})
        assert COLOR.search(forced.out)

    @pytest.mark.parametrize("columns", [20, 40, 70])
    def test_a_narrow_terminal_hides_nothing(
        self, docked: Machine, evil: str, columns: int
    ) -> None:
        """What does not fit may be folded, but a name has to stay one that can be copied."""
        terminal = pexpect.spawn(
            str(CONTCTL), ["ps", "--filter", f"name={evil}"], dimensions=(30, columns), timeout=30,
            env={"TERM": "xterm", **docked.environment()}, encoding="utf-8",
        )  # fmt: skip
        code, screen = answered(terminal)
        assert code == 0
        assert "NAMES" in without_colors(screen)
        assert evil in without_colors(screen)


@pytest.fixture(scope="module")
def heavy(
    docker_engine: PrivateEngine,
    docker_registry: PrivateRegistry,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], str]:
    """Makes the engine forget an image with a layer of 8 MiB that the registry has; its name."""
    docker = DockerCli(docker_engine.host, tmp_path_factory.mktemp("heavy"))
    image = f"{docker_registry.name}/heavy-{secrets.token_hex(4)}:latest"
    container = f"heavy-{secrets.token_hex(4)}"
    blob = ("dd", "if=/dev/urandom", "of=/blob", "bs=1048576", "count=8")
    docker.done("run", "--name", container, IMAGE, *blob)
    docker.done("commit", container, image)
    docker.done("push", image)
    docker.done("rm", container)

    def forget() -> str:
        docker.done("rmi", image)
        return image

    return forget


@pytest.mark.docker
class TestLongCommands:
    """Pulls, runs and logs, as they go on before a person's eyes."""

    def test_a_pull_shows_bars(self, docked: Machine, heavy: Callable[[], str]) -> None:
        code, screen = docked.shown("run", "--rm", heavy(), "echo", "done")
        assert code == 0
        assert "pulling it\n" in screen
        assert "Pull complete" in screen
        assert "8.4 MB" in without_colors(screen) or "8.4/8.4 MB" in without_colors(screen)
        # A bar without an end belongs to nothing that is being fetched.
        assert "0/? bytes" not in without_colors(screen).rpartition("\r")[2]
        assert screen.endswith("done\n")

    def test_a_pull_into_a_pipe(self, docked: Machine, heavy: Callable[[], str]) -> None:
        for environ in ({}, {"CLICOLOR_FORCE": "1"}):
            result = docked.run("run", "--rm", heavy(), "echo", "done", environ=environ)
            assert (result.code, result.out) == (0, "done\n")
            assert "Pull complete\n" in result.err
            assert "\x1b" not in result.err
            assert "\r" not in result.err

    def test_a_pull_on_a_dumb_terminal(self, docked: Machine, heavy: Callable[[], str]) -> None:
        code, screen = docked.shown("run", "--rm", heavy(), "true", environ={"TERM": "dumb"})
        assert code == 0
        assert "Pull complete\n" in screen
        assert "\x1b" not in screen

    def test_a_run_is_interrupted(self, docked: Machine) -> None:
        script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done"
        terminal = docked.on_terminal("run", "--rm", IMAGE, "sh", "-c", script)
        code, screen = answered(terminal, ("ready", "\x03"))
        assert code == 9
        assert "caught\n" in screen
        assert "Traceback" not in screen

    def test_following_logs_is_interrupted(self, docked: Machine, evil: str) -> None:
        code, screen = answered(docked.on_terminal("logs", "-f", evil), ("ready", "\x03"))
        assert code == 130
        assert screen.replace("^C", "").strip() == "ready"
        assert docked.done("inspect", "-f", "{{.State.Status}}", evil) == "running\n"


def test_a_watched_list_follows_and_gives_the_terminal_back(docked: Machine) -> None:
    name = f"watched-{secrets.token_hex(4)}"
    terminal = docked.on_terminal("ps", "--watch", "-f", f"name={name}")
    terminal.expect_exact("\x1b[?1049h\x1b[?25l")
    docked.done("run", "-d", "--name", name, IMAGE, "sleep", "600")
    terminal.expect_exact(name)
    docked.done("rm", "-f", name)
    terminal.send("\x03")
    terminal.expect_exact("\x1b[?25h\x1b[?1049l")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
