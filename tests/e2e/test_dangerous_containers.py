"""Dangerous containers, from outside: the installed command on a real engine."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.images import import_image, remove_image
from tests.docker.raw import RawEngine
from tests.e2e.machine import IMAGE, PASSWORD, Machine

pytestmark = pytest.mark.docker

LACKS = "you are not allowed to do this: bob lacks container:create-privileged on"
HINT = "hint: the role 'admin' has it; an admin can grant it\n"


@pytest.fixture
def machine(tmp_path: Path, docker_engine: PrivateEngine) -> Machine:
    """The developer `bob` is logged in, with tokens in a file."""
    environ = {"CONTCTL_CREDENTIAL_STORE": "file", "DOCKER_HOST": docker_engine.host}
    machine = Machine(tmp_path, environ)
    machine.init()
    line = PASSWORD.encode()
    machine.done("user", "add", "bob", "--role", "developer", "--password-stdin", stdin=line)
    machine.login("bob")
    return machine


@pytest.fixture
def raw(docker_engine: PrivateEngine) -> Iterator[RawEngine]:
    raw = RawEngine(docker_engine.host)
    yield raw
    raw.clear()


def test_an_image_sets_no_label_of_contctls_own(
    machine: Machine, docker_engine: PrivateEngine
) -> None:
    image = f"labelled-{secrets.token_hex(4)}:latest"
    import_image(docker_engine.host, image, "LABEL contctl.request=mine")
    try:
        for name in ("bob", "ada"):
            machine.login(name)
            result = machine.run("run", "-d", image, "true")
            assert (result.code, result.out) == (125, "")
            assert "its label contctl.request is reserved" in result.err
    finally:
        remove_image(docker_engine.host, image)


def test_a_developer_is_kept_out(machine: Machine, raw: RawEngine) -> None:
    name = f"web-{secrets.token_hex(4)}"
    address = machine.environ["DOCKER_HOST"].removeprefix("unix://")
    raw.container({"NetworkMode": "host", "Binds": [f"{address}:/run/docker.sock"]}, name=name)
    result = machine.run("exec", name, "true")
    assert (result.code, result.out) == (125, "")
    assert result.err == (
        f"error[forbidden]: {LACKS} {name}, which carries"
        f" bind mount of {address} (it reaches the engine's socket), network host\n{HINT}"
    )
    machine.done("stop", "-t", "0", name)
    result = machine.run("start", "-a", name)
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith(f"error[forbidden]: {LACKS} {name}, ")
    assert machine.done("inspect", "-f", "{{.State.Status}}", name) == "exited\n"
    for asked, answer in (("exec", "no"), ("attach", "no"), ("copy", "no"), ("start", "yes")):
        result = machine.run("auth", "can-i", asked, name)
        assert (result.code, result.out) == (0 if answer == "yes" else 1, f"{answer}\n")
    machine.done("start", name)
    machine.login("ada")
    assert machine.done("exec", name, "echo", "in") == "in\n"
    assert "needs container:create-privileged" in machine.done("audit", "ls", "--json")


def test_ordinary_containers_stay_a_developers(machine: Machine) -> None:
    assert machine.done("run", "--rm", IMAGE, "echo", "hello") == "hello\n"
    name = f"web-{secrets.token_hex(4)}"
    machine.done("run", "-d", "--name", name, "-p", "127.0.0.1::80", IMAGE, "sleep", "600")
    assert machine.done("exec", name, "echo", "in") == "in\n"
    assert machine.done("auth", "can-i", "exec", name) == "yes\n"
    machine.done("rm", "-f", name)


def test_a_low_port_is_refused(machine: Machine) -> None:
    name = f"web-{secrets.token_hex(4)}"
    result = machine.run("run", "-d", "--name", name, "-p", "127.0.0.1:80:80", IMAGE)
    assert (result.code, result.out) == (125, "")
    assert result.err == f"error[forbidden]: {LACKS} {name}, which carries host port 80\n{HINT}"
    assert machine.done("ps", "-aq", "-f", f"name={name}") == ""
