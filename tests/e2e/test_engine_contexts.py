"""Contexts of engines with the installed command: where commands go, and what the doctor says."""

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from tests.e2e.machine import IMAGE, SECONDS, Machine
from tests.e2e.stub_gateway import StubGateway
from tests.fakes.broken_engines import saying
from tests.gateway_client.answers import answer
from tests.gateway_client.servers import certificate, serving

INFO = {"version": "9.9", "api": 1}
WITHOUT_KUBERNETES = (
    "import sys; sys.modules['kubernetes'] = None; from contctl.__main__ import main; main()"
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """The admin `ada` is logged in; nothing names an engine."""
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})
    machine.init()
    return machine


@pytest.mark.docker
def test_commands_go_to_the_engine_of_a_context(
    machine: Machine, docker_engine: PrivateEngine
) -> None:
    absent = f"unix://{machine.home}/absent.sock"
    machine.done("context", "create", "lab", "--docker", docker_engine.host)
    machine.done("context", "create", "gone", "--docker", absent)
    name = f"lab-{secrets.token_hex(4)}"
    machine.done("-c", "lab", "run", "-d", "--name", name, IMAGE, "sleep", "600")
    try:
        machine.done("context", "use", "lab")
        assert name in machine.done("ps", "--format", "{{.Names}}").splitlines()
        other = machine.run("-c", "gone", "stop", name)
        assert (other.code, other.out) == (7, "")
        assert absent in other.err
        other = machine.run("ps", environ={"DOCKER_HOST": absent})
        assert (other.code, other.out) == (7, "")
        chosen = f"{docker_engine.host} ('contctl context use' chose it)\n"
        assert chosen in machine.run("doctor").out
        _sees_one_engine_only(machine, docker_engine.host, name)
    finally:
        machine.login("ada")
        machine.done("-c", "lab", "rm", "-f", name)


def _sees_one_engine_only(machine: Machine, host: str, name: str) -> None:
    """Grants speak of an engine's address, whatever its context is called."""
    link = machine.home / "other.sock"
    link.symlink_to(host.removeprefix("unix://"))
    machine.done("context", "create", "other", "--docker", f"unix://{link}")
    assert name in machine.done("-c", "other", "ps", "--format", "{{.Names}}").splitlines()
    machine.done("user", "add", "eve", "--password-stdin", stdin=b"a long enough password")
    machine.done("user", "grant", "eve", "viewer", "--engine", host)
    machine.login("eve")
    assert name in machine.done("ps", "--format", "{{.Names}}").splitlines()
    assert machine.done("-c", "other", "ps", "-q") == ""


def test_the_doctor_asks_all_of_them(machine: Machine, tmp_path: Path) -> None:
    stub = StubGateway(tmp_path / "stub.sock")
    trusted = certificate(tmp_path, "127.0.0.1", days=9)
    try:
        with serving(saying(answer(INFO)), trusted) as port:
            url = f"https://127.0.0.1:{port}"
            for args in (
                ("chosen", "--docker", f"unix://{tmp_path}/absent.sock"),
                ("down", "--docker", f"unix://{tmp_path}/down.sock"),
                ("ops", "--gateway", f"unix://{tmp_path}/stub.sock"),
                ("tls", "--gateway", url, "--ca", str(trusted.cert)),
                ("untrusted", "--gateway", url),
            ):
                machine.done("context", "create", *args)
            result = machine.run("-c", "chosen", "doctor", "--json")
    finally:
        stub.close()
    assert result.code == 1
    checks = {each["name"]: each for each in json.loads(result.out)["checks"]}
    assert "context chosen" not in checks
    assert checks["engine"]["level"] == "failed"
    found = {name: checks[f"context {name}"] for name in ("down", "ops", "tls", "untrusted")}
    levels = {name: each["level"] for name, each in found.items()}
    assert levels == {"down": "note", "ops": "ok", "tls": "ok", "untrusted": "note"}
    assert f"{tmp_path}/down.sock" in found["down"]["detail"]
    assert found["ops"]["detail"] == f"contctl 9.9 at unix://{tmp_path}/stub.sock, API 1"
    assert found["tls"]["detail"].startswith(f"contctl 9.9 at {url}, API 1, its certificate ends 2")
    assert "is not trusted" in found["untrusted"]["detail"]
    assert stub.asked == ["GET /v1/info HTTP/1.1"]


def test_a_missing_extra(machine: Machine) -> None:
    machine.done("context", "create", "pods", "--kubernetes")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_KUBERNETES, "-c", "pods", "ps"],
        env=machine.environment(),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stdout) == (8, b"")
    assert done.stderr.decode() == (
        "error: Kubernetes needs its extra, which is not installed\n"
        "hint: run: pip install 'contctl[kubernetes]'\n"
    )


def test_a_variable_that_is_no_engine(machine: Machine) -> None:
    result = machine.run("ps", environ={"CONTAINER_HOST": "tcp://ops:8080"})
    assert (result.code, result.out) == (9, "")
    assert result.err.startswith("error: not an address of a Podman engine: 'tcp://ops:8080' (CONT")
    assert result.err.splitlines()[1].startswith("hint: it is unix:///PATH or ssh://")
