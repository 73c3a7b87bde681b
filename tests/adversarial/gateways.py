"""A gateway's process under attack: raw bytes to it, what it logs, and what it holds."""

import http.client
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bounded import SECONDS, eventually
from tests.e2e.machine import CONTCTL, PASSWORD, Machine
from tests.gateway.test_serve import OWN_GROUP, Gateway, answers, call

QUICK = 'head_timeout = "1s"\nbody_timeout = "1s"\nidle_timeout = "2s"\nwrite_timeout = "2s"\n'
PLENTY = (
    "requests_per_second = 100000\nrequest_burst = 100000\n"
    "logins_per_second = 100000\nlogin_burst = 100000\n"
)
LIST = {"all": True, "filters": [], "size": False}


@dataclass(frozen=True)
class Told:
    """An answer: its status, its body, and what came after it."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of a problem, whose text is one line."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        problem = self.json
        assert problem["status"] == self.status
        assert problem["detail"]
        for text in (problem["detail"], problem["hint"] or ""):
            assert text.isprintable()
            assert len(text) < 300
        return self.status, problem["code"]


class Target(Gateway):
    """A gateway with the admin `ada`. limits: lines of its configuration. engine: its address."""

    def __init__(self, folder: Path, limits: str = PLENTY, engine: str | None = None) -> None:
        self.engine = engine or f"unix://{folder}/engine.sock"
        self.limits = limits
        self.token = ""
        self.log_file = folder / "log"
        super().__init__(folder)
        self.machine = Machine(folder, {"CONTCTL_HOME": str(self.data)})
        self.machine.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())

    def configure(self, more: str = "") -> None:
        """Write the configuration file."""
        self.file.write_text(
            f'data = "{self.data}"\n[listen]\nsocket = "{self.socket}"\ngroup = "{OWN_GROUP}"\n'
            f'[engines.local]\ndocker = "{self.engine}"\n[limits]\n{self.limits}{more}'
        )
        self.file.chmod(0o600)

    def start(self, environ: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """Begin `contctl gateway serve`; its log goes on at the end of a file."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [CONTCTL, "gateway", "serve", "--config", self.file],
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that serves; killed at the end, if it has not ended before."""
        process = self.start()
        try:
            eventually(lambda: answers(self.socket), "the gateway listens", 60)
            yield process
        finally:
            process.kill()
            process.wait(SECONDS)

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged, all of which is JSON."""
        lines = self.log_file.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    @property
    def bugs(self) -> list[dict[str, Any]]:
        """What it has logged of its own failures."""
        return [each for each in self.log if each["level"] not in ("info", "warning")]

    def login(self, name: str = "ada", password: str = PASSWORD) -> str:
        """An access token."""
        told = self.tell(call("session/login", username=name, password=password))
        assert told.status == 200, told.body
        return str(told.json["tokens"]["access"])

    def tell(self, data: bytes) -> Told:
        """Send `data` on a connection of its own; the first answer."""
        with self.connect() as connection:
            send(connection, data)
            return read_answer(connection)

    def ask(self, operation: str, token: str = "", **arguments: Any) -> Told:
        """Ask for an operation."""
        return self.tell(call(operation, token, **arguments))

    def held(self) -> tuple[int, int]:
        """How many threads and descriptors the process has."""
        folder = Path(f"/proc/{self.process.pid}")
        return len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir()))

    def memory(self) -> int:
        """Bytes of memory that the process holds."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def posted(operation: str, arguments: dict[str, Any]) -> bytes:
    """The bytes of a request that shows no token, whatever its arguments are called."""
    body = json.dumps(arguments).encode()
    head = f"POST /v1/{operation} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def send(connection: socket.socket, data: bytes) -> None:
    """Send, to somebody who may have heard enough."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return


def read_answer(connection: socket.socket) -> Told:
    """The next answer."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return Told(answer.status, answer.headers, answer.read())


def everything(connection: socket.socket) -> bytes:
    """All that still comes, to the end of the connection."""
    found = b""
    try:
        while data := connection.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found
