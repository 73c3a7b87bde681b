"""What it takes to add an engine: its folder, and one entry among the builders."""

from collections.abc import Mapping

import pytest

from contctl.bootstrap.engines import BUILDERS, ChosenEngine, build
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.ports import Clock, Engine
from devtools.engine_table import answers
from tests.commands.harness import IMAGE, Shell
from tests.fakes.clock import FakeClock
from tests.gateway.several import several
from tests.toy.engine import ToyEngine


def toy(chosen: ChosenEngine, _environ: Mapping[str, str], _clock: Clock) -> Engine:
    """The builder of toys."""
    return ToyEngine(IMAGE, name=chosen.name or f"toy:{chosen.address.host}")


TOYS = {**BUILDERS, EngineKind.DOCKER: toy}
"""An entry in the place of another one: kinds are counted, toys are not among them."""


@pytest.fixture
def shell() -> Shell:
    """A terminal of the admin `ada`, before a toy engine that was built like any other."""
    shell = Shell()
    address = EngineAddress(EngineKind.DOCKER, "unix:///toys")
    engine = build(ChosenEngine(address, "a test"), {}, FakeClock(), TOYS)
    assert isinstance(engine, ToyEngine)
    shell.ports.engine = engine
    shell.init()
    return shell


def test_a_day_with_a_toy(shell: Shell) -> None:
    shell.done("run", "-d", "--name", "box", IMAGE, "sh", "-c", "echo hello; sleep 600")
    assert shell.done("ps", "--format", "{{.Names}} {{.State}}") == "box running\n"
    assert shell.done("logs", "box") == "hello\n"
    assert shell.done("exec", "box", "echo", "inside") == "inside\n"
    assert shell.done("stop", "-t", "0", "box") == "box\n"
    assert shell.done("ps", "-q") == ""
    assert shell.done("start", "box") == "box\n"
    assert shell.done("rm", "-f", "box") == "box\n"
    assert "container:remove" in shell.done("audit", "ls")
    assert "Toy 1 at toy:unix:///toys" in shell.done("doctor")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("pause", "box"), "this engine cannot pause: a toy cannot be held"),
        (("rename", "box", "other"), "this engine cannot rename: a toy keeps its name"),
        (("stats", "--no-stream", "box"), "this engine cannot stats: a toy weighs nothing"),
        (("cp", "box:/etc/passwd", "-"), "toys have no files"),
        (("pull", "other"), "all toys are in the box"),
    ],
)
def test_what_a_toy_cannot_do(shell: Shell, args: tuple[str, ...], reason: str) -> None:
    shell.container("box")
    result = shell.run(*args)
    assert (result.code, result.out) == (8, "")
    assert reason in result.err
    assert len(result.err.splitlines()) == 1


def test_a_toy_behind_a_gateway() -> None:
    with several({"toys": ToyEngine(IMAGE, name="toys")}) as gateway:
        assert gateway.api(gateway.admin, "toys").containers.list(ListQuery()) == ()


def test_a_toy_has_its_column_in_the_table() -> None:
    told = answers(ToyEngine)
    assert told["pause"] == "no: a toy cannot be held"
    assert told["logs"] == "yes. Forgets them at the end."
    assert told["cp"] == "no: toys have no files"
    assert told["stop"] == "yes"
