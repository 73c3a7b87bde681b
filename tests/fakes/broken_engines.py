"""Engines that misbehave, on real Unix sockets: they hang, talk garbage, break off, never end, or
lose an answer on its way."""

import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

Behaviour = Callable[[socket.socket], None]

_BUFFER = 65536


class BrokenEngine:
    """A context manager: a server on the Unix socket `folder/name` that lets `behave` have each
    connection, in a thread of its own. requests: how many connections there were."""

    def __init__(self, folder: Path, behave: Behaviour, name: str = "broken.sock") -> None:
        self.path = folder / name
        self.address = f"unix://{self.path}"
        self.requests = 0
        self._behave = behave
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener.bind(str(self.path))
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        for connection in self._open:
            _end(connection)

    def close(self) -> None:
        """Accept nobody any more; the socket is gone."""
        self.path.unlink(missing_ok=True)
        _end(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.requests += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._behave(connection)


def silent(connection: socket.socket) -> None:
    """Read on and on, and answer nothing."""
    while connection.recv(_BUFFER):
        continue


def saying(*pieces: bytes) -> Behaviour:
    """Read a request, send `pieces`, break off."""

    def behave(connection: socket.socket) -> None:
        _read_request(connection)
        for piece in pieces:
            connection.sendall(piece)
        _end(connection)

    return behave


def dripping(seconds: float) -> Behaviour:
    """Send the head of an answer a byte at a time, with a pause before each."""

    def behave(connection: socket.socket) -> None:
        connection.recv(_BUFFER)
        for byte in b"HTTP/1.1 200 OK\r\nX-Pad: " + b"x" * 100_000:
            connection.sendall(bytes([byte]))
            time.sleep(seconds)

    return behave


def endless(head: bytes, piece: bytes) -> Behaviour:
    """Send `head`, then `piece` again and again."""

    def behave(connection: socket.socket) -> None:
        connection.recv(_BUFFER)
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return behave


def answering(*answers: bytes) -> Behaviour:
    """Answer the first connection with the first of `answers`, and so on; break off after each."""
    left = list(answers)

    def behave(connection: socket.socket) -> None:
        _read_request(connection)
        if left:
            connection.sendall(left.pop(0))
        _end(connection)

    return behave


class ScriptedEngine(BrokenEngine):
    """Answers a request whose first line one of `answers` is found in with what stands there, and
    breaks off; any other, it leaves without an answer. Answered or not, `asked` has the lines."""

    def __init__(self, folder: Path, answers: Mapping[bytes, bytes]) -> None:
        super().__init__(folder, self._answer, "scripted.sock")
        self.asked: list[bytes] = []
        self._answers = answers

    @property
    def changes(self) -> list[bytes]:
        """The first lines of the requests that were no questions."""
        return [line for line in self.asked if not line.startswith((b"GET ", b"HEAD "))]

    def _answer(self, connection: socket.socket) -> None:
        line = _read_request(connection).split(b"\r\n")[0]
        self.asked.append(line)
        for pattern, answer in self._answers.items():
            if pattern in line:
                connection.sendall(answer)
                break
        _end(connection)


class LossyProxy(BrokenEngine):
    """Passes everything on to the engine at `target`, except for a request whose head begins with
    `method_and_path`: its answer is lost, or, with `swallow`, the request itself.

    lost: how many were. then_down: after that nobody is served any more.
    """

    def __init__(
        self,
        folder: Path,
        target: str,
        method_and_path: bytes,
        *,
        swallow: bool = False,
        then_down: bool = False,
    ) -> None:
        super().__init__(folder, self._pass_on, "proxy.sock")
        self.lost = 0
        self._target = target.removeprefix("unix://")
        self._pattern = method_and_path
        self._swallow = swallow
        self._then_down = then_down

    def _pass_on(self, client: socket.socket) -> None:
        request = client.recv(_BUFFER)
        lossy = self._pattern in request.split(b"\r\n")[0]
        if lossy and self._swallow:
            self._lose(client, b"")
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as engine:
            engine.connect(self._target)
            engine.sendall(request)
            threading.Thread(target=_pump, args=(client, engine), daemon=True).start()
            if lossy:
                self._lose(client, engine.recv(_BUFFER))
            else:
                _pump(engine, client)

    def _lose(self, client: socket.socket, answer: bytes) -> None:  # noqa: ARG002
        self.lost += 1
        if self._then_down:
            self.close()
        _end(client)


class HangingProxy(LossyProxy):
    """Passes the requests in question on, and never tells their answers."""

    def _lose(self, client: socket.socket, answer: bytes) -> None:  # noqa: ARG002
        self.lost += 1
        silent(client)


class CuttingProxy(LossyProxy):
    """Passes only the first 40 bytes of the answers in question, which is less than their heads."""

    def _lose(self, client: socket.socket, answer: bytes) -> None:
        self.lost += 1
        client.sendall(answer[:40])
        _end(client)


def _read_request(connection: socket.socket) -> bytes:
    """Its head, and as much content as that tells of; the head."""
    request = b""
    while b"\r\n\r\n" not in request:
        data = connection.recv(_BUFFER)
        if not data:
            return request
        request += data
    head, _, content = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    left = int(length[1]) - len(content) if length else 0
    while left > 0 and (data := connection.recv(_BUFFER)):
        left -= len(data)
    return head


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_BUFFER):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
