"""The installed `contctl gateway serve`, as a process of its own."""

import grp
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contctl.wire.frames import Kind, pack
from tests.bounded import SECONDS, eventually
from tests.e2e.machine import CONTCTL, PASSWORD, Machine
from tests.gateway.small import request, rest

AUDIT: dict[str, Any] = {"wanted": {}}
OWN_GROUP = grp.getgrgid(os.getegid()).gr_name


class Gateway:
    """A gateway's folders and configuration, and its process once it is started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(0o700)
        self.socket = folder / "s"
        self.file = folder / "gateway.toml"
        self.configure()

    def configure(self, more: str = "") -> None:
        """Write the configuration file, with `more` at its end."""
        self.file.write_text(
            f'data = "{self.data}"\n[listen]\nsocket = "{self.socket}"\ngroup = "{OWN_GROUP}"\n'
            f'[engines.local]\ndocker = "unix://{self.folder}/engine.sock"\n{more}'
        )
        self.file.chmod(0o600)

    def start(self, environ: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """Begin `contctl gateway serve`."""
        return subprocess.Popen(
            [CONTCTL, "gateway", "serve", "--config", self.file],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def refused(self) -> tuple[int, list[str]]:
        """How a start that cannot succeed ends: exit code, and lines on standard error."""
        process = self.start()
        out, err = process.communicate(timeout=SECONDS)
        assert out == b""
        return process.returncode, err.decode().splitlines()

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that serves; ended at the end, if it is not before."""
        process = self.start()
        try:
            eventually(lambda: answers(self.socket), "the gateway listens")
            assert self.call("session/status")[0] == 401
            yield process
        finally:
            process.kill()
            process.communicate(timeout=SECONDS)

    def connect(self) -> socket.socket:
        """A connection to it."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        connection.connect(str(self.socket))
        return connection

    def call(self, operation: str, token: str = "", **arguments: Any) -> tuple[int, Any]:
        """Ask for an operation: status and answer."""
        with self.connect() as connection:
            connection.sendall(call(operation, token, **arguments))
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, json.loads(answer.read())


def call(operation: str, token: str = "", **arguments: Any) -> bytes:
    """The bytes of a request for an operation."""
    head, _, _ = request(f"/v1/{operation}").partition(b"Content-Length")
    body = json.dumps(arguments).encode()
    fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    return head + fields.encode() + shown.encode() + b"\r\n" + body


def answers(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(path)) == 0


def events(err: bytes) -> list[dict[str, Any]]:
    """The records on standard error, all of which are JSON."""
    return [json.loads(line) for line in err.splitlines()]


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    """A gateway that was never started, without a store."""
    return Gateway(tmp_path)


@pytest.fixture
def initialised(gateway: Gateway) -> Gateway:
    """The same with the admin `ada`, made by contctl itself."""
    machine = Machine(gateway.folder, {"CONTCTL_HOME": str(gateway.data)})
    machine.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())
    return gateway


def logged_in(gateway: Gateway) -> str:
    """An access token of `ada`."""
    status, answer = gateway.call("session/login", username="ada", password=PASSWORD)
    assert status == 200, answer
    tokens = answer.get("tokens", answer)
    return str(tokens["access"])


def test_without_a_store_it_serves_and_says_so(gateway: Gateway) -> None:
    with gateway.running() as process:
        status, problem = gateway.call("session/status")
        assert (status, problem["code"]) == (401, "not-authenticated")
        assert "not initialised" in problem["detail"]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert out == b""
    found = [each["event"] for each in events(err)]
    assert found == ["serving", "request", "request", "stopping", "stopped"]
    assert not gateway.socket.exists()


def test_it_serves_the_store_and_logs_no_secret(initialised: Gateway) -> None:
    with initialised.running() as process:
        token = logged_in(initialised)
        status, logins = initialised.call("logins/list", token, user=None)
        assert status == 200
        assert "ada" in json.dumps(logins)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert PASSWORD.encode() not in err
    assert token.encode() not in err
    assert token.rpartition(".")[2].encode() not in err


def test_two_gateways_on_one_socket(gateway: Gateway) -> None:
    with gateway.running():
        code, lines = gateway.refused()
        assert (code, lines) == (6, [f"error: another gateway serves on {gateway.socket}"])
        assert answers(gateway.socket)


def test_a_killed_gateway_starts_again(gateway: Gateway) -> None:
    with gateway.running():
        pass
    assert gateway.socket.exists()
    with gateway.running():
        assert gateway.call("session/status")[0] == 401


def test_a_stop_ends_running_streams_with_an_error(initialised: Gateway) -> None:
    initialised.configure('[limits]\nstop_grace = "1s"\n')
    with initialised.running() as process:
        token = logged_in(initialised)
        with initialised.connect() as connection:
            connection.sendall(call("audit/follow", token, query=AUDIT))
            assert b" 200 " in connection.recv(65536)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            last = rest(connection)
        assert 0.9 < time.monotonic() - started < 8
        assert b"the gateway is stopping" in last
        assert bytes([Kind.ERROR]) in last
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def test_a_second_signal_ends_at_once(initialised: Gateway) -> None:
    initialised.configure('[limits]\nstop_grace = "1h"\n')
    with initialised.running() as process:
        token = logged_in(initialised)
        with initialised.connect() as connection:
            connection.sendall(call("audit/follow", token, query=AUDIT))
            assert b" 200 " in connection.recv(65536)
            process.send_signal(signal.SIGTERM)
            eventually(lambda: not answers(initialised.socket), "nobody is let in any more")
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=SECONDS)
        assert time.monotonic() - started < 5
    assert process.returncode == 143


def test_sighup_is_no_end(gateway: Gateway) -> None:
    with gateway.running() as process:
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert gateway.call("session/status")[0] == 401
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SECONDS)
    assert any("ignored SIGHUP" in each["event"] for each in events(err))


def test_a_log_that_nobody_reads_stops_nothing(gateway: Gateway) -> None:
    gateway.configure("[limits]\nrequests_per_second = 100000\nrequest_burst = 100000\n")
    with gateway.running() as process:
        assert process.stderr is not None
        for _ in range(1500):
            assert gateway.call("session/status")[0] == 401
        process.stderr.close()
        assert gateway.call("session/status")[0] == 401


def test_systemd_is_told_and_hands_over_a_socket(gateway: Gateway) -> None:
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        systemd.settimeout(SECONDS)
        systemd.bind(str(gateway.folder / "notify"))
        listening.bind(str(gateway.folder / "given"))
        listening.listen()
        process = subprocess.Popen(
            [
                *("bash", "-c"),
                f"exec 3<&{listening.fileno()};"
                ' LISTEN_PID=$$ exec "$0" gateway serve --config "$1"',
                *(CONTCTL, gateway.file),
            ],
            env={
                "PATH": os.environ["PATH"],
                "LISTEN_FDS": "1",
                "NOTIFY_SOCKET": str(gateway.folder / "notify"),
            },
            pass_fds=[listening.fileno()],
            stderr=subprocess.PIPE,
        )
        try:
            assert systemd.recv(100) == b"READY=1"
            gateway.socket = gateway.folder / "given"
            assert gateway.call("session/status")[0] == 401
            process.send_signal(signal.SIGTERM)
            assert systemd.recv(100) == b"STOPPING=1"
            process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            process.wait(SECONDS)
    assert process.returncode == 0
    assert not (gateway.folder / "s").exists()
    assert (gateway.folder / "given").exists()


def test_without_the_extra() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv[1:] = ['gateway', 'serve'];"
        "from contctl.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stdout) == (8, "")
    assert done.stderr.splitlines() == [
        "error: the gateway needs its extra, which is not installed",
        "hint: run: pip install 'contctl[gateway]'",
    ]


def test_what_cannot_be_served(gateway: Gateway) -> None:
    gateway.file.write_text("[listen]\nport = 1\n")
    code, lines = gateway.refused()
    assert code == 9
    assert lines[0] == f"error: {gateway.file}: unknown key 'listen.port'"
    gateway.file.unlink()
    code, lines = gateway.refused()
    assert code == 9
    assert lines[0] == f"error: there is no gateway configuration at {gateway.file}"
    assert len(lines) == 2
    gateway.configure()
    gateway.data.chmod(0o755)
    code, lines = gateway.refused()
    assert code == 9
    assert "other users have access to it" in lines[0]
    shutil.rmtree(gateway.data)
    code, lines = gateway.refused()
    assert code == 9
    assert lines[0] == f"error: there is no folder {gateway.data} for the gateway's data"


def test_a_socket_that_others_could_exchange(gateway: Gateway) -> None:
    (gateway.folder / "open").mkdir()
    (gateway.folder / "open").chmod(0o777)
    gateway.socket = gateway.folder / "open" / "s"
    gateway.configure()
    code, lines = gateway.refused()
    assert code == 9
    assert "others may write the folder" in lines[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_root_does_not_serve_another_users_data(gateway: Gateway) -> None:
    os.chown(gateway.data, 65534, -1)
    code, lines = gateway.refused()
    assert code == 9
    assert lines[0].startswith(f"error: {gateway.data} belongs to ")
    assert lines[0].endswith("and the gateway would run as root")
    assert lines[1].startswith("hint: start it as its own user: sudo -u ")


def test_a_hundred_clients_at_once(initialised: Gateway) -> None:
    with initialised.running():
        token = logged_in(initialised)
        statuses: list[int] = []

        def ask() -> None:
            statuses.extend(initialised.call("logins/list", token, user=None)[0] for _ in range(2))

        threads = [threading.Thread(target=ask) for _ in range(80)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        assert statuses == [200] * 160


def test_an_upload_may_not_be_cut(initialised: Gateway) -> None:
    with initialised.running():
        token = logged_in(initialised)
        with initialised.connect() as connection:
            body = pack(Kind.ARGUMENTS, b'{"ref":"web","path":"/"}')
            connection.sendall(
                b"POST /v1/containers/put_archive HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                b"\r\nContent-Type: application/vnd.contctl.frames\r\nAuthorization: Bearer "
                + token.encode()
                + b"\r\n\r\n%x\r\n%s\r\n" % (len(body), body)
            )
        assert initialised.call("logins/list", token, user=None)[0] == 200


def test_a_right_that_ends_ends_the_stream(initialised: Gateway) -> None:
    with initialised.running():
        token, other = logged_in(initialised), logged_in(initialised)
        with initialised.connect() as connection:
            connection.sendall(call("audit/follow", token, query=AUDIT))
            assert b" 200 " in connection.recv(65536)
            _, logins = initialised.call("logins/list", other, user=None)
            sessions = [each["session_id"] for each in logins]
            started = time.monotonic()
            assert initialised.call("logins/revoke", other, session_ids=sessions)[0] == 200
            found = b""
            while b"the session has ended" not in found:
                found += connection.recv(65536)
        assert time.monotonic() - started < 8
