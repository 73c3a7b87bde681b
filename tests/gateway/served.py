"""A gateway on fakes, served on a Unix socket in this process, and a peer that speaks to it."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, unix_connect

from contctl.core.api import Authority
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.roles import Role
from contctl.core.services.served import ServedAuthority
from contctl.gateway.app import Gateway, build
from contctl.gateway.callers import Caller
from contctl.gateway.limits import Limits
from contctl.gateway.server import Server
from contctl.wire.frames import MAX_PAYLOAD, FrameReader, Kind, pack
from tests.bounded import SECONDS, eventually
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts
from tests.gateway.small import unix_listener

PASSWORD = "a long enough password"
IMAGE = "busybox:latest"
JSON = "application/json"
FRAMES = "application/vnd.contctl.frames"
Offer = Callable[[Caller], Any]


def offered_by(ports: FakePorts) -> Offer:
    """What a gateway on `ports` offers each caller."""

    def offer(caller: Caller) -> Authority:
        own = copy(ports)
        own.uid = caller.uid
        token = caller.token
        if token is not None and token.reveal().startswith("ctl_"):
            own.environment_token = GivenToken("the bearer token", token)
            return ServedAuthority(own, lambda: None)
        return ServedAuthority(own, lambda: token)

    return offer


@dataclass(frozen=True)
class Answer:
    """Of one request."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)

    @property
    def frames(self) -> list[tuple[Kind, bytes]]:
        """Its body as frames."""
        assert self.headers["Content-Type"] == FRAMES
        return list(FrameReader().feed(self.body))

    def is_problem(self, status: int, code: str, reason: str | None = None) -> bool:
        """Whether it tells of such an error, as RFC 9457 has it."""
        assert self.status == status, (self.status, self.body)
        assert self.headers["Content-Type"] == "application/problem+json"
        problem = self.json
        assert problem["status"] == status
        assert (problem["type"], problem["code"]) == ("about:blank", code)
        assert problem["details"].get("reason") == reason
        return True


@dataclass
class Peer:
    """Speaks to a gateway. token: what it shows."""

    path: str
    token: str | None = None

    def connect(self) -> socket.socket:
        """A connection; waits on it are bounded."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(self.path)
        return connection

    def raw(self, data: bytes) -> Answer:
        """Send `data` as it stands on a connection of its own."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_answer(connection)

    def send(self, name: str, body: bytes = b"", method: str = "POST", **headers: str) -> Answer:
        """One request with these bytes; `_` in the names of headers stands for `-`."""
        with self.connect() as connection:
            connection.sendall(self.head(name, len(body), method, **headers) + body)
            return read_answer(connection)

    def call(self, name: str, /, **arguments: Any) -> Answer:
        """Call an operation."""
        return self.send(f"/v1/{name}", json.dumps(arguments).encode())

    def done(self, name: str, /, **arguments: Any) -> Any:
        """What an operation that must succeed answers."""
        answer = self.call(name, **arguments)
        assert answer.status == 200, answer.body
        return answer.json

    def begin(self, name: str, /, **arguments: Any) -> socket.socket:
        """Call an operation and leave the answer unread."""
        body = json.dumps(arguments).encode()
        connection = self.connect()
        connection.sendall(self.head(f"/v1/{name}", len(body)) + body)
        return connection

    def head(self, path: str, length: int, method: str = "POST", **headers: str) -> bytes:
        """The head of a request."""
        given = {"Host": "x", "Content-Type": JSON, "Content-Length": str(length)}
        if self.token is not None:
            given["Authorization"] = f"Bearer {self.token}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")

    def upload(self, *frames: bytes, **headers: str) -> Answer:
        """Put an archive of these frames."""
        content = {"Content_Type": FRAMES, **headers}
        return self.send("/v1/containers/put_archive", b"".join(frames), **content)

    @contextmanager
    def talk(self, name: str, /, **arguments: Any) -> Iterator["Talk"]:
        """A WebSocket for an operation, its arguments sent."""
        shown = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        with unix_connect(
            self.path,
            f"ws://x/v1/{name}",
            additional_headers=shown,
            compression=None,
            max_size=MAX_PAYLOAD + 5,
            close_timeout=1,
        ) as connection:
            talk = Talk(connection)
            if arguments:
                talk.send(Kind.ARGUMENTS, json.dumps(arguments).encode())
            yield talk


@dataclass
class Talk:
    """A WebSocket of frames."""

    connection: ClientConnection

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Send one frame."""
        self.connection.send(pack(kind, payload))

    def read(self) -> tuple[Kind, bytes]:
        """The next frame."""
        message = self.connection.recv(SECONDS)
        assert isinstance(message, bytes)
        (frame,) = FrameReader().feed(message)
        return frame

    def rest(self) -> list[tuple[Kind, bytes]]:
        """All frames up to the one that is the last."""
        found = [self.read()]
        while found[-1][0] not in (Kind.EXIT, Kind.ERROR):
            found.append(self.read())
        return found

    def error(self) -> Any:
        """The problem that is the next frame."""
        kind, payload = self.read()
        assert kind is Kind.ERROR
        return json.loads(payload)


def read_answer(connection: socket.socket) -> Answer:
    """The whole answer."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return Answer(answer.status, answer.headers, answer.read())


@dataclass
class Served:
    """A gateway with the admin `ada`."""

    ports: FakePorts
    app: Gateway
    path: str
    admin: Peer = field(init=False)

    @property
    def nobody(self) -> Peer:
        """A peer that shows no token."""
        return Peer(self.path)

    def initialise(self) -> None:
        """Make the admin."""
        self.nobody.done("session/initialise", username="ada", password=PASSWORD)
        self.admin = self.login("ada")

    def login(self, name: str) -> Peer:
        """A peer that shows the access token of a new session."""
        issued = self.nobody.done("session/login", username=name, password=PASSWORD)
        return Peer(self.path, issued["tokens"]["access"])

    def add(self, role: Role) -> Peer:
        """A new user of that role, logged in."""
        self.admin.done("users/add", name=str(role), password=PASSWORD, role=role)
        return self.login(role)

    def container(self, name: str, *command: str) -> str:
        """Make and start a container; its full ID."""
        spec = CreateSpec(IMAGE, command or ("sleep", "600"), name=name, stdin=True)
        created = self.ports.engine.create(spec, f"request of {name}")
        self.ports.engine.start(created.id)
        return created.id


@contextmanager
def served(
    folder: Path, limits: Limits | None = None, offer: Offer | None = None
) -> Iterator[Served]:
    """Serve; stopped at the end. offer: instead of what the fakes offer."""
    ports = FakePorts(FakeClock())
    limits = limits or Limits(logins_per_second=1000, login_burst=1000)
    app = build(offer or offered_by(ports), limits)
    listener = unix_listener(folder)
    server = Server(app, limits, [listener], app.running.end)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    found = Served(ports, app, listener.socket.getsockname())
    try:
        if offer is None:
            found.initialise()
        yield found
    finally:
        server.stop()
        thread.join(SECONDS)
        eventually(lambda: not thread.is_alive(), "the server has ended")
