"""The installed `contctl` on engines over TLS and over ssh."""

import secrets
from pathlib import Path

import pexpect
import pytest

from tests.e2e.machine import IMAGE, Machine
from tests.real_elsewhere import TlsEngine

DATA = bytes(range(256)) * 1024
TRAPPING = "trap 'echo got; exit 9' INT; echo ready; while :; do sleep 0.1; done"


@pytest.fixture
def away(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})
    machine.init()
    return machine


@pytest.mark.docker
@pytest.mark.parametrize("way", ["tls", "ssh"])
def test_an_engine_elsewhere(away: Machine, tls_engine: TlsEngine, ssh_host: str, way: str) -> None:
    if way == "tls":
        away.environ |= {
            "DOCKER_HOST": tls_engine.address,
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(tls_engine.client),
        }
    else:
        away.environ["DOCKER_HOST"] = ssh_host + tls_engine.engine.host.removeprefix("unix://")
    name = f"away-{secrets.token_hex(4)}"
    code = away.run("run", "-i", "--name", name, IMAGE, "sh", "-c", "cat; exit 3", stdin=DATA)
    assert (code.code, code.err) == (3, "")
    assert code.out.encode("utf-8", "surrogateescape") == DATA
    away.done("start", name)
    assert name in away.done("ps", "-a", "--format", "{{.Names}}").split()
    # A terminal's Ctrl-C goes to every process in the foreground, and must not cut ssh's.
    child = away.on_terminal("run", "--rm", IMAGE, "sh", "-c", TRAPPING)
    child.expect_exact("ready")
    child.sendintr()
    child.expect_exact("got")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 9
    away.done("rm", "-f", name)


@pytest.mark.docker
def test_an_engine_elsewhere_that_fails(
    away: Machine, tls_engine: TlsEngine, ssh_host: str, tmp_path: Path
) -> None:
    away.environ["DOCKER_HOST"] = tls_engine.address
    plain = away.run("ps")
    assert (plain.code, plain.out) == (9, "")
    assert "without TLS" in plain.err
    away.environ |= {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    empty = away.run("ps")
    assert (empty.code, empty.out) == (9, "")
    assert empty.err.startswith(f"error: no TLS files in {tmp_path}")
    away.environ["DOCKER_HOST"] = f"{ssh_host}/nosuch.sock"
    absent = away.run("ps")
    assert (absent.code, absent.out) == (7, "")
    assert absent.err == (
        f"error: cannot reach the engine at {ssh_host}/nosuch.sock: failed to open the raw stream"
        " connection: dial unix /nosuch.sock: connect: no such file or directory\n"
    )
