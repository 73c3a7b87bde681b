"""A run that is interrupted between the create and the start tells what it leaves behind."""

import re
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from tests.bounded import eventually
from tests.e2e.machine import IMAGE, SECONDS, Machine
from tests.e2e.side_by_side import machine_on
from tests.fakes.broken_engines import CuttingProxy, HangingProxy, LossyProxy

pytestmark = pytest.mark.docker


@pytest.fixture
def docked(tmp_path: Path, docker_engine: PrivateEngine) -> Machine:
    return machine_on(docker_engine.host, tmp_path)


@pytest.fixture
def name(docked: Machine) -> Iterator[str]:
    """A name for a container, which is removed afterwards if it is there."""
    name = f"left-{secrets.token_hex(4)}"
    yield name
    docked.run("rm", "-f", name)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("how", [("-d",), ("--rm",), ()])
def test_before_the_start_is_answered(
    docked: Machine,
    docker_engine: PrivateEngine,
    tmp_path: Path,
    name: str,
    how: tuple[str, ...],
    number: signal.Signals,
    code: int,
) -> None:
    with HangingProxy(tmp_path, docker_engine.host, b"/start") as proxy:
        process = docked.start(
            "run", *how, "--name", name, IMAGE, "sleep", "60",
            environ={"DOCKER_HOST": proxy.address},
        )  # fmt: skip
        eventually(lambda: proxy.lost == 1, "the start was asked for")
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (code, b"")
    said = f"interrupted; the container {name} was made: see 'contctl ps -a', 'contctl rm {name}'"
    assert err.decode() == f"{said}\n"
    assert docked.done("ps", "-a", "--filter", f"name={name}", "--format", "{{.Names}}")


def test_before_the_create_is_answered(
    docked: Machine, docker_engine: PrivateEngine, tmp_path: Path, name: str
) -> None:
    with HangingProxy(tmp_path, docker_engine.host, b"/containers/create") as proxy:
        process = docked.start(
            "run", "-d", "--name", name, IMAGE, "sleep", "60",
            environ={"DOCKER_HOST": proxy.address},
        )  # fmt: skip
        eventually(lambda: proxy.lost == 1, "the create was asked for")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (130, b"")
    first, hint = err.decode().splitlines()
    assert first == "interrupted; whether the container was made is unknown"
    found = re.fullmatch("hint: look for it with 'contctl ps -a --filter (.*)'", hint)
    assert found is not None
    shown = docked.done("ps", "-a", "--filter", found[1], "--format", "{{.Names}}")
    assert shown == f"{name}\n"


def test_a_run_with_rm_whose_attach_is_cut(
    docked: Machine, docker_engine: PrivateEngine, tmp_path: Path, name: str
) -> None:
    with LossyProxy(tmp_path, docker_engine.host, b"/attach") as proxy:
        result = docked.run(
            "run", "--rm", "--name", name, IMAGE, "echo", "x",
            environ={"DOCKER_HOST": proxy.address},
        )  # fmt: skip
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith("error[unavailable]: the connection to the engine at ")
    assert "hint" not in result.err
    assert docked.done("ps", "-aq", "--filter", f"name={name}") == ""


@pytest.mark.parametrize("how", [("--rm",), ()])
def test_a_run_whose_attach_is_answered_by_half(
    docked: Machine, docker_engine: PrivateEngine, tmp_path: Path, name: str, how: tuple[str, ...]
) -> None:
    with CuttingProxy(tmp_path, docker_engine.host, b"/attach") as proxy:
        result = docked.run(
            "run", *how, "--name", name, IMAGE, "echo", "x",
            environ={"DOCKER_HOST": proxy.address},
        )  # fmt: skip
    assert proxy.lost == 1
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith("error[unavailable]: the connection to the engine at ")
    assert ("hint: the container" in result.err) == (not how)


def test_an_exec_that_is_answered_by_half(
    docked: Machine, docker_engine: PrivateEngine, tmp_path: Path, name: str
) -> None:
    docked.done("run", "-d", "--name", name, IMAGE, "sleep", "600")
    with CuttingProxy(tmp_path, docker_engine.host, b"/exec/") as proxy:
        result = docked.run("exec", name, "echo", "x", environ={"DOCKER_HOST": proxy.address})
    assert proxy.lost == 1
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith("error[unavailable]: the connection to the engine at ")
    assert result.err.endswith(" was cut\n")
