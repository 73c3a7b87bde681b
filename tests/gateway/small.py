"""A server of the gateway with an application of the tests' own, in this process."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contctl.core.errors import ContctlError
from contctl.gateway.callers import PEER
from contctl.gateway.limits import Limits
from contctl.gateway.listening import Listener
from contctl.gateway.server import Server
from tests.bounded import SECONDS, eventually


@dataclass
class SmallApp:
    """ASGI. `/peer` answers the peer, `/size/N` N bytes, `/echo` what it was sent, `/frames` goes
    on until it is ended; a WebSocket echoes, and `/deaf` never reads its messages."""

    ended: threading.Event = field(default_factory=threading.Event)
    gone: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self._echo_messages(path, receive, send)
        elif path == "/peer":
            peer = scope[PEER]
            await _answer(send, json.dumps([peer.uid, peer.address]).encode())
        elif path.startswith("/size/"):
            await _answer(send, b"x" * int(path.removeprefix("/size/")))
        elif path == "/early":
            await _answer(send, b"no", 413)
        elif path == "/frames":
            await self._stream(receive, send)
        else:
            await _answer(send, await _body(receive))

    async def _live(self, receive: Any, send: Any) -> None:
        for state in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{state}"
            await send({"type": f"lifespan.{state}.complete"})

    async def _stream(self, receive: Any, send: Any) -> None:
        await _body(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        leaving = asyncio.ensure_future(receive())
        while not self.ended.is_set() and not leaving.done():
            await asyncio.sleep(0.01)
        if leaving.done():
            self.gone.append("/frames")
            return
        leaving.cancel()
        await send({"type": "http.response.body", "body": b"ended", "more_body": False})

    async def _echo_messages(self, path: str, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while path == "/deaf":
            await asyncio.sleep(0.01)
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message["bytes"]})
        self.gone.append(path)


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(send: Any, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Small:
    """The server, to be spoken with. code: what its run answered."""

    app: SmallApp
    address: Any
    server: Server
    errors: list[ContctlError] = field(default_factory=list)
    code: int | None = None

    def connect(self) -> socket.socket:
        """A connection to it; waits on it are bounded."""
        family = socket.AF_UNIX if isinstance(self.address, str | bytes) else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(self.address)
        return connection

    def ask(self, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request on a connection of its own: status and body."""
        with self.connect() as connection:
            return ask(connection, path, body)


def ask(connection: socket.socket, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """One request: status and body of the answer."""
    connection.sendall(request(path, body))
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.read()


def request(path: str, body: bytes = b"") -> bytes:
    """The bytes of a POST."""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def rest(connection: socket.socket) -> bytes:
    """All that is still sent, up to the end."""
    found = b""
    try:
        while data := connection.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found


@contextmanager
def small_server(limits: Limits, *listeners: Listener) -> Iterator[Small]:
    """Serve on the listeners, the first of which is spoken with; stopped at the end."""
    app = SmallApp()
    errors: list[ContctlError] = []

    def end_streams(error: ContctlError) -> None:
        errors.append(error)
        app.ended.set()

    server = Server(app, limits, listeners, end_streams)
    small = Small(app, listeners[0].socket.getsockname(), server, errors)

    def run() -> None:
        small.code = server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield small
    finally:
        server.stop()
        thread.join(SECONDS)
        eventually(lambda: not thread.is_alive(), "the server has ended")


def unix_listener(folder: Path) -> Listener:
    """A plain Unix socket."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(folder / "s"))
    listening.listen(512)
    return Listener(listening, "unix")
