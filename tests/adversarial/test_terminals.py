"""What a terminal never sees, and names that look like others."""

import json
import secrets
from pathlib import Path

import pytest

from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import IMAGE, Machine
from tests.e2e.screens import HOSTILE, assert_harmless
from tests.fakes.broken_engines import BrokenEngine, saying

pytestmark = pytest.mark.docker


class TestHostileText:
    """Names, labels and commands of containers, made by somebody else."""

    @pytest.mark.parametrize(
        "args",
        [
            ("ps", "--no-trunc"),
            ("ps", "--format", "{{.Labels}} {{.Command}}", "--no-trunc"),
            ("ps", "--format", "table {{.Labels}}\t{{.Names}}"),
            ("ps", "--format", "json"),
            ("ps", "--json"),
            ("inspect",),
            ("inspect", "-f", "{{.Config.Labels.evil}} {{.Config.Env}}"),
            ("inspect", "-f", "{{json .Config}}"),
            ("inspect", "--json"),
        ],
    )
    def test_a_real_engine(self, docked: Machine, evil: str, args: tuple[str, ...]) -> None:
        where = ("--filter", f"name={evil}") if args[0] == "ps" else (evil,)
        code, screen = docked.shown(*args, *where)
        assert code == 0
        assert_harmless(screen)

    def test_a_pipe_gets_it_as_it_is(self, docked: Machine, evil: str) -> None:
        line = docked.done("inspect", "-f", "{{.Config.Labels.evil}}", evil)
        assert line == f"{HOSTILE}\n"

    def test_an_engine_that_lies(self, docked: Machine, tmp_path: Path) -> None:
        row = {
            "Id": "a" * 64, "Names": [f"/{HOSTILE}"], "Image": HOSTILE, "ImageID": HOSTILE,
            "Command": HOSTILE, "Created": 0, "State": HOSTILE, "Status": HOSTILE,
            "Labels": {HOSTILE: HOSTILE}, "Ports": [{"PrivatePort": 1, "Type": HOSTILE}],
        }  # fmt: skip
        for chosen in ((), ("--no-trunc",), ("--format", "{{.Names}} {{.Image}} {{.Status}}")):
            assert_harmless(_told(docked, tmp_path, 200, [row], "ps", *chosen))

    def test_an_engine_that_complains(self, docked: Machine, tmp_path: Path) -> None:
        screen = _told(docked, tmp_path, 400, {"message": HOSTILE}, "ps")
        assert "error: " in screen
        assert_harmless(screen)

    def test_the_callers_own_words(self, docked: Machine) -> None:
        option = f"--{HOSTILE.replace('=', '')}"
        for args in (("stop", HOSTILE), (HOSTILE,), ("ps", option), ("logs", HOSTILE)):
            code, screen = docked.shown(*args)
            assert code in (2, 3)
            assert_harmless(screen)


def _told(machine: Machine, folder: Path, status: int, document: object, *args: str) -> str:
    """The screen of a command to whom the engine answers `document`."""
    content = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    answer = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
    with BrokenEngine(folder, saying(answer)) as engine:
        code, screen = machine.shown(*args, environ={"DOCKER_HOST": engine.address})
        assert (code == 0) == (status == 200), screen
    return screen


def test_names_that_are_prefixes_of_others(docked: Machine) -> None:
    """A whole name means its container; a part of one means nothing."""
    name = f"pre{secrets.token_hex(4)}"
    names = (name, f"{name}-x", f"{name}x")
    for each in names:
        docked.done("run", "-d", "--name", each, IMAGE, "sleep", "600")
    try:
        assert docked.done("stop", "-t", "0", name) == f"{name}\n"
        running = docked.done("ps", "--filter", f"name={name}", "--format", "{{.Names}}").split()
        assert sorted(running) == sorted(names[1:])
        for part in (name[:-1], f"{name}-", f"/{name[:-1]}"):
            assert_refused(docked.run("stop", part), 3, f"no such container: {part}")
    finally:
        docked.done("rm", "-f", *names)


def test_a_name_that_is_a_prefix_of_an_id(docked: Machine) -> None:
    """Docker's order: a name goes before the beginning of an ID."""
    container_id = docked.done("run", "-d", IMAGE, "sleep", "600").strip()
    name = container_id[:12]
    docked.done("run", "-d", "--name", name, IMAGE, "sleep", "600")
    try:
        docked.done("stop", "-t", "0", name)
        state = docked.done("inspect", "-f", "{{.State.Status}}", container_id)
        assert state == "running\n"
    finally:
        docked.done("rm", "-f", name)
        docked.done("rm", "-f", container_id)


def test_no_terminal(bare: Machine) -> None:
    """A password is never asked for where nobody can answer."""
    assert_refused(bare.run("init"), 2, "there is no terminal to ask on")
    bare.init()
    for args in (("login", "ada"), ("user", "add", "bob"), ("user", "passwd")):
        assert_refused(bare.run(*args), 2, "a password is needed")
