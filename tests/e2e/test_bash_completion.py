"""Completion in a real bash, on a real engine."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.e2e.machine import CONTCTL, IMAGE, SECONDS, Machine
from tests.requirements import unavailable

_PROMPT = "ready> "


@pytest.fixture
def bash(docked: Machine) -> Iterator["pexpect.spawn[str]"]:
    """An interactive bash with the script that contctl shows."""
    program = shutil.which("bash")
    if program is None:
        unavailable("bash is not installed")
    path = f"{CONTCTL.parent}:{os.environ['PATH']}"
    environ = docked.environment({"TERM": "dumb", "PATH": path, "SHELL": program})
    shell = pexpect.spawn(
        program,
        ["--norc", "--noprofile", "-i"],
        env={**environ, "PS1": _PROMPT},
        cwd=docked.home,
        timeout=SECONDS,
        encoding="utf-8",
        dimensions=(30, 200),
    )
    shell.expect_exact(_PROMPT)
    shell.sendline("bind 'set bell-style none'; source <(contctl --show-completion); echo do''ne")
    shell.expect_exact("done\r\n")
    shell.expect_exact(_PROMPT)
    yield shell
    shell.close(force=True)


@pytest.mark.docker
def test_names_by_state(bash: "pexpect.spawn[str]", docked: Machine) -> None:
    mark = secrets.token_hex(4)
    begun = mark[:6]
    up, made = f"up-{mark}", f"made-{mark}"
    docked.done("run", "-d", "--name", up, IMAGE, "sleep", "600")
    docked.done("run", "--name", made, IMAGE, "true")
    (docked.home / f"file-{mark}").write_text("")
    for typed, completed in (
        (f"true; contctl stop up-{begun}", f"stop {up} "),
        (f"contctl start made-{begun}", f"start {made} "),
        ("contctl container sto", "container stop "),
        ("contctl ps --no-tr", "ps --no-trunc "),
        ("contctl user add x --role=dev", "--role=developer "),
        (f"contctl stop 'up-{begun}", f"stop '{up}' "),
        (f"contctl run file-{begun}", f"run file-{mark} "),
        (f"contctl stop made-{begun}", f"stop made-{begun}"),
    ):
        # On a busy machine a list may come too late: then nothing is completed.
        for _ in range(5):
            bash.send(f"{typed}\t#")
            found = bash.expect_exact([f"{completed}#", pexpect.TIMEOUT], timeout=10)
            bash.send("\x15")  # forget the line
            if found == 0:
                break
        assert found == 0, typed
    docked.done("rm", "-f", up, made)


def test_an_engine_that_hangs_delays_nobody(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "engine.sock"))
        silent.listen()
        hung = {
            "DOCKER_HOST": f"unix://{tmp_path}/engine.sock",
            "CONTCTL_CREDENTIAL_STORE": "file",
        }
        machine = Machine(tmp_path, hung)
        machine.init()
        began = time.monotonic()
        done = subprocess.run(
            [CONTCTL, "stop", "w"],
            env=machine.environment({"_CONTCTL_COMPLETE": "zsh"}),
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert 1.5 < time.monotonic() - began < 6
