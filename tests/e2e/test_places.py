"""Which place the installed command speaks to: never another one than was chosen."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from contctl.core.domain.ci_tokens import ID_BYTES, SECRET_BYTES, token_text
from tests.e2e.machine import Machine
from tests.e2e.stub_gateway import StubGateway, beside
from tests.e2e.unprivileged import Unprivileged

SOCKET = "/run/contctl/contctl.sock"
WARNING = "warning: ignoring DOCKER_HOST: commands go to the gateway local-gateway\n"
TOKEN = token_text(bytes(ID_BYTES), bytes(SECRET_BYTES)).reveal()
ENGINE = {"DOCKER_HOST": "unix:///x"}
NOBODYS = "error: the stub knows nobody\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Nothing is there, and nothing is chosen."""
    return Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What will be /run/contctl."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture
def gateway(folder: Path) -> Iterator[StubGateway]:
    stub = StubGateway(folder / "contctl.sock")
    yield stub
    stub.close()


def test_a_chosen_gateway_is_never_left_for_an_engine(machine: Machine, tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/nobody.sock"
    machine.done("context", "create", "ops", "--gateway", address)
    machine.done("context", "use", "ops")
    assert machine.done("context", "show") == "ops\n"
    for args in (("ps",), ("whoami",), ("login", "ada", "--password-stdin"), ("user", "ls")):
        result = machine.run(*args, stdin=b"a password", environ=ENGINE)
        assert result.code in (4, 7)
        assert result.out == ""
        warning, error, *_ = result.err.splitlines()
        assert warning == "warning: ignoring DOCKER_HOST: commands go to the gateway ops"
        assert error.startswith("error: ")
    result = machine.run("login", "ada", "--password-stdin", stdin=b"a password")
    assert (result.code, result.out) == (7, "")
    assert address in result.err
    assert "warning" not in result.err
    result = machine.run("--context", "default", "whoami")
    assert (result.code, result.out) == (4, "")
    assert "not initialised here" in result.err


def test_a_gateway_by_option_and_variable(machine: Machine, tmp_path: Path) -> None:
    stub = StubGateway(tmp_path / "stub.sock")
    machine.done("context", "create", "ops", "--gateway", f"unix://{tmp_path}/stub.sock")
    for args, more in ((("-c", "ops"), {}), ((), {"CONTCTL_CONTEXT": "ops"})):
        result = machine.run("ps", *args, environ=ENGINE | more)
        assert (result.code, result.out, result.err) == (4, "", NOBODYS)
    stub.close()
    assert stub.asked == ["POST /v1/containers/list HTTP/1.1"] * 2
    assert "not initialised here" in machine.run("ps", environ=ENGINE).err


def test_a_local_gateway_is_used_by_itself(
    machine: Machine, folder: Path, gateway: StubGateway
) -> None:
    result = beside(folder, machine, "ps")
    assert (result.code, result.out, result.err) == (4, "", NOBODYS)
    result = beside(folder, machine, "ps", environ=ENGINE)
    assert (result.code, result.out, result.err) == (4, "", WARNING + NOBODYS)
    assert beside(folder, machine, "context", "show").out == "local-gateway\n"
    assert gateway.asked == ["POST /v1/containers/list HTTP/1.1"] * 2
    assert "not initialised here" in beside(folder, machine, "-c", "default", "ps").err
    machine.done("context", "use", "default")
    assert "not initialised here" in beside(folder, machine, "ps").err
    assert len(gateway.asked) == 2


def test_a_local_gateway_that_is_down(machine: Machine, folder: Path, gateway: StubGateway) -> None:
    gateway.close()
    for environ in ({}, ENGINE):
        result = beside(folder, machine, "login", "ada", "--no-input", environ=environ)
        assert (result.code, result.out) in ((7, ""), (2, ""))
        result = beside(folder, machine, "doctor", environ=environ)
        assert result.code == 1
        assert f"FAIL  gateway      cannot reach the gateway at unix://{SOCKET}" in result.out
    result = beside(folder, machine, "-c", "local-gateway", "refresh")
    assert (result.code, result.out) == (4, "")


@pytest.mark.usefixtures("gateway")
def test_a_local_gateway_that_lets_this_user_not_in(folder: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file", "CONTCTL_TOKEN": TOKEN})
    os.chmod(folder / "contctl.sock", 0o600)
    prefix = tuple(Unprivileged.prefix())
    result = beside(folder, machine, "ps", prefix=prefix, environ=ENGINE)
    assert (result.code, result.out) == (7, "")
    warning, error, hint = result.err.splitlines()
    assert f"{warning}\n" == WARNING
    assert SOCKET in error
    assert "permission denied" in error
    assert "group" in hint


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775])
def test_a_socket_that_others_could_exchange(machine: Machine, folder: Path, mode: int) -> None:
    folder.chmod(mode)
    result = beside(folder, machine, "whoami", environ={"CONTCTL_TOKEN": TOKEN})
    assert (result.code, result.out) == (9, "")
    assert "is not trusted: others may write the folder /run/contctl" in result.err


@pytest.mark.usefixtures("gateway")
def test_what_a_clients_doctor_says(machine: Machine, folder: Path) -> None:
    result = beside(folder, machine, "doctor", "--json")
    assert result.code == 1
    checks = {each["name"]: each for each in json.loads(result.out)["checks"]}
    assert list(checks) == ["gateway", "files", "credentials", "session", "roles"]
    assert checks["gateway"]["level"] == "ok"
    assert checks["gateway"]["detail"].startswith(f"contctl 9.9 at unix://{SOCKET}, API 1")
    assert checks["session"]["level"] == "note"
    assert checks["roles"]["level"] == "failed"
    assert checks["roles"]["detail"].startswith("advisory for this user: it is root")


@pytest.mark.usefixtures("gateway")
def test_the_store_is_not_looked_after_from_here(machine: Machine, folder: Path) -> None:
    result = beside(folder, machine, "store", "check")
    assert (result.code, result.out) == (8, "")
    assert "'contctl --context default store …'" in result.err


def test_contexts_are_private(machine: Machine) -> None:
    machine.done("context", "create", "ops", "--gateway", "https://ops")
    file = machine.home / "contctl" / "contexts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    result = machine.run("ps")
    assert (result.code, result.out) == (9, "")
    assert str(file) in result.err
    assert "contexts.json" in machine.run("doctor", "--repair-modes", "-c", "default").err
