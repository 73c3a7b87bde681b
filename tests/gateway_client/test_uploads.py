"""Uploads: whole, answered early, cut."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contctl.backends.http.chunks import Chunks
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import loads
from contctl.wire.frames import FrameReader, Kind
from tests.bounded import eventually
from tests.fakes.broken_engines import BrokenEngine
from tests.gateway_client.answers import SHORT, TOKEN, answer, authority, problem

REFUSED = ContctlError(ErrorCode.FORBIDDEN, "needs container:copy")
MIB = 1024 * 1024


class Receiver:
    """Reads one upload as a gateway does. limit: bytes after which it answers, None for the end.
    hang: it neither reads nor closes after that."""

    def __init__(self, reply: bytes, limit: int | None = None, *, hang: bool = False) -> None:
        self.head = b""
        self.found: list[tuple[Kind, bytes]] = []
        self.ended = False
        self._reply = reply
        self._limit = limit
        self._hang = hang

    def __call__(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        while (line := file.readline()) not in (b"\r\n", b""):
            self.head += line
        chunks, frames, received = Chunks(), FrameReader(), 0
        while not chunks.complete and (self._limit is None or received < self._limit):
            data = file.read1(65536)
            if not data:
                self.ended = True
                return
            received += len(data)
            self.found.extend(frames.feed(chunks.feed(data)))
        connection.sendall(self._reply)
        if self._hang:
            time.sleep(5)
        connection.close()

    @property
    def kinds(self) -> list[Kind]:
        """Of the frames, each once."""
        return list(dict.fromkeys(kind for kind, _ in self.found))


def _endless() -> Iterator[bytes]:
    while True:
        yield b"x" * MIB


def test_a_whole_upload(tmp_path: Path) -> None:
    receiver = Receiver(answer(None))
    pieces = [b"one", b"", b"x" * (2 * MIB + 1), b"three"]
    with BrokenEngine(tmp_path, receiver) as server:
        authority(server.address).containers.put_archive("web", "/tmp/x", iter(pieces))
    assert receiver.kinds == [Kind.ARGUMENTS, Kind.IN, Kind.END]
    assert loads(receiver.found[0][1]) == {"ref": "web", "path": "/tmp/x", "options": None}
    assert b"".join(data for kind, data in receiver.found if kind is Kind.IN) == b"".join(pieces)
    assert receiver.head.startswith(b"POST /v1/containers/put_archive HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN.reveal()}\r\n".encode() in receiver.head


@pytest.mark.parametrize("hang", [False, True], ids=["closing", "staying"])
@pytest.mark.parametrize("limit", [0, 1, 3 * MIB])
def test_an_early_refusal_ends_the_upload(tmp_path: Path, limit: int, hang: bool) -> None:
    receiver = Receiver(problem(REFUSED), limit, hang=hang)
    with BrokenEngine(tmp_path, receiver) as server, pytest.raises(ContctlError) as caught:
        authority(server.address).containers.put_archive("web", "/x", _endless())
    assert (caught.value.code, caught.value.message) == (REFUSED.code, REFUSED.message)


def test_an_early_success_is_none(tmp_path: Path) -> None:
    receiver = Receiver(answer(None), MIB)
    with BrokenEngine(tmp_path, receiver) as server, pytest.raises(ContctlError) as caught:
        authority(server.address).containers.put_archive("web", "/x", _endless())
    assert caught.value.code is ErrorCode.UNAVAILABLE


def test_a_source_that_fails_cuts_the_upload(tmp_path: Path) -> None:
    receiver = Receiver(answer(None))

    def failing() -> Iterator[bytes]:
        yield b"one"
        raise LookupError("no more")

    with BrokenEngine(tmp_path, receiver) as server:
        with pytest.raises(LookupError, match="no more"):
            authority(server.address).containers.put_archive("web", "/x", failing())
        eventually(lambda: receiver.ended, "the gateway sees the end")
    assert Kind.END not in receiver.kinds


def test_a_slow_source_may_take_longer_than_any_deadline(tmp_path: Path) -> None:
    receiver = Receiver(answer(None))

    def slow() -> Iterator[bytes]:
        yield b"one"
        time.sleep(SHORT.silence * 2)
        yield b"two"

    with BrokenEngine(tmp_path, receiver) as server:
        authority(server.address).containers.put_archive("web", "/x", slow())
    assert receiver.kinds[-1] is Kind.END


def test_a_gateway_that_takes_nothing(tmp_path: Path) -> None:
    with (
        BrokenEngine(tmp_path, lambda _: time.sleep(5)) as server,
        pytest.raises(ContctlError) as caught,
    ):
        authority(server.address).containers.put_archive("web", "/x", _endless())
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "did not answer in time" in caught.value.message
