"""Machines for the end-to-end tests."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.secret_service import SecretService
from tests.e2e.machine import IMAGE, Machine
from tests.e2e.people import CALLERS, Person, Town, town
from tests.e2e.screens import HOSTILE
from tests.e2e.side_by_side import machine_on
from tests.e2e.unprivileged import Unprivileged, unprivileged_machine


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """Nothing is there: no keyring, no engine. Tokens are kept in a file."""
    return Machine(
        tmp_path,
        {
            "CONTCTL_CREDENTIAL_STORE": "file",
            "DOCKER_HOST": f"unix://{tmp_path}/no-engine.sock",
        },
    )


@pytest.fixture
def machine(tmp_path: Path, docker_engine: PrivateEngine, secret_service: SecretService) -> Machine:
    """A real engine and a real keyring, and the admin `ada` logged in."""
    machine = Machine(tmp_path, {**secret_service.environ, "DOCKER_HOST": docker_engine.host})
    machine.environ.pop("HOME", None)
    machine.init()
    return machine


@pytest.fixture
def web(machine: Machine) -> Iterator[str]:
    """The name of a running container."""
    name = f"web-{secrets.token_hex(4)}"
    machine.done("run", "-d", "--name", name, IMAGE, "sleep", "600")
    yield name
    machine.set_access_ttl("10m")
    machine.run("refresh")
    machine.run("rm", "-f", name)


@pytest.fixture(scope="module")
def docked(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine with a real engine."""
    return machine_on(docker_engine.host, tmp_path_factory.mktemp("terminals"))


@pytest.fixture(scope="module")
def evil(docked: Machine) -> Iterator[str]:
    """A container whose label, command and environment are hostile."""
    name = f"evil-{secrets.token_hex(4)}"
    docked.done(
        "run", "-d", "--name", name, "-l", f"evil={HOSTILE}", "-e", f"EVIL={HOSTILE}", IMAGE,
        "sh", "-c", "echo ready; exec sleep 600", HOSTILE,
    )  # fmt: skip
    yield name
    docked.done("rm", "-f", name)


@pytest.fixture
def unprivileged() -> Iterator[Unprivileged]:
    """A machine of an ordinary user, with the accounts `ada` and `eve`."""
    with unprivileged_machine() as machine:
        yield machine


@pytest.fixture(scope="session")
def whole_town(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """A host with a gateway in front of a real engine."""
    with town(docker_engine, tmp_path_factory.mktemp("town") / "log") as found:
        yield found


@pytest.fixture(name="town")
def emptied_town(whole_town: Town) -> Iterator[Town]:
    """The host; what was made past contctl is gone at the end."""
    yield whole_town
    whole_town.raw.clear()


@pytest.fixture
def alice(whole_town: Town) -> Person:
    """A Unix user who may call the gateway and nothing else, logged in to an account without
    grants."""
    return whole_town.settle(CALLERS)
