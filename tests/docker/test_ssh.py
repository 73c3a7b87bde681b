"""Engines over ssh that cannot be reached: one line, the right code, in time."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Deadlines, Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import EventQuery
from contctl.core.errors import ContctlError, ErrorCode
from devtools.ssh_server import PrivateSshServer, make_key
from tests.bounded import closing_after, eventually
from tests.fakes.broken_engines import BrokenEngine, endless, saying, silent
from tests.fakes.clock import FakeClock
from tests.gateway_client.servers import serving

DEADLINES = Deadlines(connect=5, answer=20, change=20)
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def _engine(address: str, program: str = "docker", answer: float = 20) -> DockerEngine:
    endpoint = Endpoint(address, "a test", program=program)
    return DockerEngine(endpoint, FakeClock(), Deadlines(5, answer, 20))


def _error(attempt: Callable[[], object]) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


def _listing(address: str, program: str = "docker", answer: float = 20) -> ContctlError:
    return _error(lambda: _engine(address, program, answer).list(ListQuery()))


@pytest.fixture
def client(
    ssh_server_here: PrivateSshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Puts an `ssh` with these lines of configuration first on the PATH; the server's address."""
    path = os.environ["PATH"]
    made = iter(range(100))

    def use(*options: str) -> str:
        programs = tmp_path / f"bin{next(made)}"
        ssh_server_here.write_client(programs, *options)
        monkeypatch.setenv("PATH", f"{programs}:{path}")
        return ssh_server_here.host

    return use


def test_no_ssh_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "ssh is not installed" in _listing("ssh://host").message


@pytest.mark.docker
def test_ways_that_ssh_fails(client: Callable[..., str], tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    key = (tmp_path / "other.pub").read_text()
    host = client()
    place = host.removeprefix("ssh://")
    (tmp_path / "changed").write_text(f"[{place.replace(':', ']:')} {key}")

    error = _listing("ssh://nosuch.invalid")
    assert error.message.startswith("cannot reach the engine at ssh://nosuch.invalid: ssh: Could")
    with serving(silent, None) as port:
        pass
    assert "Connection refused" in _listing(f"ssh://127.0.0.1:{port}").message
    for known_hosts in ("/dev/null", tmp_path / "changed"):
        # A connection that another test left open would be used without a look at the keys.
        client(f"UserKnownHostsFile {known_hosts}", "ControlPath none")
        error = _listing(host)
        assert error.message.endswith("Host key verification failed")
        assert str(error.hint).startswith(f"try 'ssh {host}'")
    client()
    assert "Permission denied (publickey)" in _listing(f"ssh://nosuch@{place}").message


@pytest.mark.docker
def test_ways_that_the_other_end_fails(client: Callable[..., str], tmp_path: Path) -> None:
    host = client("ControlMaster auto", "ControlPersist 20")
    error = _listing(host, "no-such-docker")
    assert error.message.endswith("no-such-docker: command not found")
    assert "'no-such-docker' has to be installed there" in str(error.hint)
    absent = f"{host}{tmp_path}/absent.sock"
    error = _listing(absent)
    assert error.message.endswith(
        f"dial unix {tmp_path}/absent.sock: connect: no such file or directory"
    )
    create = _error(lambda: _engine(absent).create(CreateSpec("busybox"), "r"))
    assert "no such file" in create.message
    with BrokenEngine(tmp_path, saying(EMPTY)) as server:
        assert _engine(f"{host}{server.path}").list(ListQuery()) == ()
    with BrokenEngine(tmp_path, saying(b"")) as server:
        assert "was cut" in _listing(f"{host}{server.path}").message
    with BrokenEngine(tmp_path, saying(b"banana\r\n\r\n")) as server:
        error = _listing(f"{host}{server.path}")
        assert "does not speak as a Docker engine does" in error.message
    with BrokenEngine(tmp_path, endless(EMPTY[:17], b"X-Header: y\r\n" * 1000)) as server:
        _listing(f"{host}{server.path}")
    with BrokenEngine(tmp_path, silent) as server:
        assert "did not answer in time" in _listing(f"{host}{server.path}", answer=2).message


def test_a_server_that_hangs(client: Callable[..., str]) -> None:
    client()
    with serving(silent, None) as port:
        started = time.monotonic()
        assert "did not answer in time" in _listing(f"ssh://127.0.0.1:{port}", answer=1).message
        assert time.monotonic() - started < 5


@pytest.mark.docker
def test_a_connection_that_is_cut_mid_stream(client: Callable[..., str], tmp_path: Path) -> None:
    host = client()
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def quiet(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(chunked)
        silent(connection)

    with BrokenEngine(tmp_path, quiet) as server:
        before = _own_children()
        with closing_after(_engine(f"{host}{server.path}").events(EventQuery())) as events:
            (pid,) = _own_children() - before
            timer = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
            timer.start()
            error = _error(lambda: next(events))
            assert "was cut" in error.message
        eventually(lambda: pid not in _own_children(), "ssh was waited for")


@pytest.mark.docker
def test_ssh_gets_no_token_and_is_gone_afterwards(
    client: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTCTL_TOKEN", "ctl_canary")
    proxy = tmp_path / "proxy"
    proxy.write_text(f"#!/bin/sh\nenv >{tmp_path}/env\n")
    proxy.chmod(0o755)
    host = client("ControlPath none", f"ProxyCommand {proxy}")
    before = _own_children()
    _listing(host)
    assert "PATH=" in (tmp_path / "env").read_text()
    assert "canary" not in (tmp_path / "env").read_text()
    eventually(lambda: _own_children() <= before, "no ssh is left behind")


def _own_children() -> set[int]:
    """This process's, also those that nobody has waited for."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return {int(row[0]) for row in rows if "ssh" in row[1] and "sshd" not in row[1]}
