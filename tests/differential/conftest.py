"""One engine, docker's program, contctl on it and through a gateway, and the runs of all cases."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devtools.engine import PrivateEngine
from devtools.images import import_image
from devtools.registry import PrivateRegistry
from tests.differential.flags import COMMANDS, flags_of, no_engine
from tests.differential.runs import Runs
from tests.differential.sides import Place, Program, contctl_program, docker_program, run
from tests.differential.table import Case
from tests.e2e.machine import IMAGE, PASSWORD, Machine
from tests.e2e.side_by_side import machine_on
from tests.gateway.real import real_gateway
from tests.real_docker import private_engine
from tests.requirements import unavailable

_COMPARED: list[str] = []


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[PrivateEngine]:
    """One of its own: what other tests leave on theirs would be listed."""
    with private_engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("differential")


@pytest.fixture(scope="session")
def docker(docker_engine: PrivateEngine, home: Path) -> Program:
    """docker's own program, of the version that contctl follows."""
    program = docker_program(docker_engine.host, home)
    if program is None:
        unavailable("docker's command line is not installed")
    line = "version -f '{{.Client.Version}} {{.Server.Version}} {{.Server.APIVersion}}'"
    client, engine, api = run(program, line, {}, home).out.split()
    if not client.startswith("28."):
        unavailable(f"contctl follows docker 28, and this is {client}")
    _COMPARED.append(f"docker's command line {client}, engine {engine}, API {api}")
    return program


@pytest.fixture(scope="session")
def hidden_flags(docker: Program, home: Path) -> dict[str, list[str]]:
    """The flags that this engine is too old for, by command."""
    hidden = {}
    for command in COMMANDS:
        everything = flags_of(command, docker.path, no_engine(home))
        shown = flags_of(command, docker.path, docker.environ)
        if everything.keys() - shown.keys():
            hidden[command] = sorted(everything.keys() - shown.keys())
    told = ", ".join(f"{command} {' '.join(flags)}" for command, flags in hidden.items())
    _COMPARED.append(f"this engine cannot show: {told}")
    return hidden


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was compared with what."""
    for line in _COMPARED:
        terminalreporter.write_line(f"differential: {line}")


@pytest.fixture(scope="session")
def place(
    docker_engine: PrivateEngine, docker_registry: PrivateRegistry, docker: Program, home: Path
) -> Place:
    """Three containers that no case changes, made by docker, so that contctl meets what it did not
    make: `up` runs, `done` ended with 3, `made` was never started. `mark` is a label of theirs."""
    mark = secrets.token_hex(4)
    names = {name: f"{name}-{mark}" for name in ("up", "done", "made")}
    import_image(docker_engine.host, "shop:1", "LABEL tier=web", "EXPOSE 80/tcp 53/udp", "USER 1:2")
    words = {
        **names,
        "mark": mark,
        "image": IMAGE,
        "shop": "shop:1",
        "registry": docker_registry.name,
    }
    for line in (
        "run -d --name @up -l mark=@mark -l team=shop -e A=1 --tmpfs /scratch -v /volume"
        " -p 127.0.0.1::80 -p 127.0.0.1::90-91/udp --expose 8080 @image sleep 3600",
        "run --name @done --network none -l mark=@mark --log-opt labels=mark @image"
        " sh -c 'echo out; echo err >&2; exit 3'",
        "create --name @made -l mark=@mark @image sh -c 'echo \\'a \"long\" command\\''".replace(
            "\\'", ""
        ),
        "network create --subnet 10.99.7.0/24 -o com.docker.network.bridge.name=cd@mark net-@mark",
        "tag @image @registry/app:1",
        "tag @shop @registry/app:2",
        "push -q -a @registry/app",
        "rmi @registry/app:1 @registry/app:2",
    ):
        done = run(docker, line, words, home)
        assert done.code in (0, 3), f"{line}: {done.err}"
    full_id = run(docker, "ps -q --no-trunc --filter name=@up", words, home).out.strip()
    return Place(docker_engine.host, docker, {**words, "id": full_id, "prefix": full_id[:6]}, home)


@pytest.fixture(scope="session")
def contctl(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """contctl, embedded."""
    return contctl_program(machine_on(docker_engine.host, tmp_path_factory.mktemp("embedded")))


@pytest.fixture(scope="session")
def remote(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """contctl as a gateway's client, and nothing that would tell it of the engine."""
    folder, home = tmp_path_factory.mktemp("gateway"), tmp_path_factory.mktemp("client")
    with real_gateway(folder, docker_engine.host) as gateway:
        machine = Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file"})
        machine.done("context", "create", "ops", "--gateway", f"unix://{gateway.path}")
        machine.done("context", "use", "ops")
        machine.done("login", "ada", "--password-stdin", stdin=PASSWORD.encode())
        yield contctl_program(machine)


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest, place: Place, contctl: Program, remote: Program
) -> Iterator[Runs]:
    """The runs of all cases that were selected; all of them have begun."""
    runs = Runs(place, contctl, remote)
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    found = [spec.params.get("case") for spec in specs if spec]
    runs.begin([case for case in found if isinstance(case, Case)])
    yield runs
    runs.close()
