"""Everyday commands take as long in a full store as in an empty one."""

import secrets
import statistics
import time
from collections.abc import Iterator

import pytest

from devtools.engine import PrivateEngine
from devtools.filling import GRANTS, RECORDS, USERS, fill
from tests.e2e.machine import IMAGE, Machine
from tests.e2e.side_by_side import machine_on

pytestmark = pytest.mark.docker

PAIRS = 21
LIMIT = 1.2


@pytest.fixture(scope="module")
def machines(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Machine, Machine]:
    """A machine with one account, and one whose store is full."""
    empty, full = (
        machine_on(docker_engine.host, tmp_path_factory.mktemp(name)) for name in ("empty", "full")
    )
    fill(full.home / "contctl", users=USERS, grants=GRANTS, records=RECORDS)
    return empty, full


@pytest.fixture(scope="module")
def web(machines: tuple[Machine, Machine]) -> Iterator[str]:
    """The name of a stopped container: stopping it again takes only contctl's own time."""
    name = f"web-{secrets.token_hex(4)}"
    machines[0].done("run", "--name", name, IMAGE, "true")
    yield name
    machines[0].run("rm", "-f", name)


@pytest.mark.parametrize("command", ["ps", "stop"])
def test_a_full_store_slows_no_everyday_command(
    machines: tuple[Machine, Machine], web: str, command: str
) -> None:
    line = [command, web] if command == "stop" else [command]
    for machine in machines:
        machine.done(*line)
    times = [[seconds(machine, line) for machine in machines] for _ in range(PAIRS)]
    empty, full = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{command}: empty {empty * 1000:.0f} ms, full {full * 1000:.0f} ms")
    assert full / empty <= LIMIT


def test_the_chain_of_a_full_log_is_whole(machines: tuple[Machine, Machine]) -> None:
    """It is the log that the other tests append to."""
    _, full = machines
    began = time.perf_counter()
    said = full.done("audit", "verify")
    print(f"{RECORDS} records verified in {time.perf_counter() - began:.1f} s: {said.strip()}")


def seconds(machine: Machine, line: list[str]) -> float:
    """How long a command line takes."""
    began = time.perf_counter()
    machine.done(*line)
    return time.perf_counter() - began
