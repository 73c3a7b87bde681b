"""Conversations with processes, against hand-written WebSocket servers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.frames import Frame as Message
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side
from websockets.utils import accept_key

from contctl.backends.gateway.duplex import MAX_UNSENT
from contctl.core.api import Duplex
from contctl.core.domain.streams import AttachSpec, Err, Exit, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import loads
from contctl.wire.frames import MAX_PAYLOAD, FrameReader, ItemWriter, Kind, pack, pack_frame
from tests.bounded import closing_after, eventually, talk, woken_by_close
from tests.fakes.broken_engines import BrokenEngine
from tests.gateway_client.answers import SHORT, TOKEN, authority, head, problem

BEGUN = pack(Kind.ITEM, b"null")
ENDED = pack_frame(Exit(3))
MIB = 1024 * 1024


class Peer:
    """The gateway's end of one conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.head = b""
        self.protocol = Protocol(Side.SERVER, max_size=None)
        self.found: list[tuple[Kind, bytes]] = []
        self.pongs = 0
        self._frames = FrameReader()

    def read_key(self) -> str:
        """Read the head of the request; the key in it."""
        while b"\r\n\r\n" not in self.head:
            self.head += self.connection.recv(1)
        return self.head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0].decode()

    def accept(self) -> None:
        """Answer the handshake (RFC 6455, section 4.2.2)."""
        shown = {"Upgrade": "websocket", "Connection": "Upgrade"}
        proof = {"Sec-WebSocket-Accept": accept_key(self.read_key())}
        self.connection.sendall(head(101, shown | proof))

    def receive(self) -> bool:
        """Read once; False at the end."""
        data = self.connection.recv(65536)
        if not data:
            return False
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            assert isinstance(event, Message)
            self.pongs += event.opcode is Opcode.PONG
            if event.opcode in (Opcode.BINARY, Opcode.CONT):
                self.found.extend(self._frames.feed(bytes(event.data)))
        return True

    def await_kind(self, kind: Kind) -> None:
        """Read until there is a frame of `kind`, or the end."""
        while kind not in self.kinds and self.receive():
            continue

    def send(self, *frames: bytes) -> None:
        """Send each as a message."""
        for frame in frames:
            self.protocol.send_binary(frame)
        self.flush()

    def flush(self) -> None:
        """Send what the protocol has to send."""
        for data in self.protocol.data_to_send():
            self.connection.sendall(data)

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind, _ in self.found]

    def data(self, kind: Kind) -> bytes:
        """Everything in the frames of `kind`."""
        return b"".join(data for found, data in self.found if found is kind)


Script = Callable[[Peer], None]


@contextmanager
def conversation(folder: Path, script: Script) -> Iterator[tuple[Callable[[], Duplex], list[Peer]]]:
    """What attaches to a container behind a server that runs `script` once the arguments came, and
    the peers of those that did."""
    peers: list[Peer] = []

    def behave(connection: socket.socket) -> None:
        peer = Peer(connection)
        peers.append(peer)
        peer.accept()
        peer.await_kind(Kind.ARGUMENTS)
        script(peer)

    with BrokenEngine(folder, behave) as server:
        gateway = authority(server.address)
        yield lambda: gateway.containers.attach("web", AttachSpec(stdin=True)), peers


def leaving(*frames: bytes) -> Script:
    """Send `frames` and break off."""

    def script(peer: Peer) -> None:
        peer.send(*frames)
        peer.connection.shutdown(socket.SHUT_RDWR)

    return script


def staying(*frames: bytes) -> Script:
    """Send `frames`, and read on."""

    def script(peer: Peer) -> None:
        peer.send(*frames)
        while peer.receive():
            continue

    return script


def _error(attempt: Callable[[], object]) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


def test_a_conversation(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        peer.await_kind(Kind.CLOSE_WRITE)
        peer.send(pack_frame(Out(b"out")), pack_frame(Err(b"err")), ENDED)

    with conversation(tmp_path, script) as (attach, peers):
        duplex = attach()
        duplex.resize(80, 24)
        duplex.write(b"hello ")
        duplex.write(b"x" * (3 * MIB))
        duplex.close_write()
        assert talk(duplex) == (b"out", b"err", 3)
        duplex.write(b"nobody reads this")
        duplex.close_write()
        duplex.resize(1, 1)
        assert duplex.read() is None
    peer = peers[0]
    assert loads(peer.data(Kind.ARGUMENTS)) == {
        "ref": "web",
        "spec": {
            "stdin": True,
            "logs": False,
            "until": "not-running",
            "stdout": True,
            "stderr": True,
            "detach_keys": None,
        },
    }
    assert loads(peer.data(Kind.RESIZE)) == [80, 24]
    assert peer.data(Kind.IN) == b"hello " + b"x" * (3 * MIB)
    assert peer.head.startswith(b"GET /v1/containers/attach HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN.reveal()}\r\n".encode() in peer.head


def test_a_frame_as_long_as_they_may_be(tmp_path: Path) -> None:
    said = pack_frame(Out(b"x" * MAX_PAYLOAD))
    with conversation(tmp_path, leaving(BEGUN, said, ENDED)) as (attach, _):
        assert talk(attach()) == (b"x" * MAX_PAYLOAD, b"", 3)


def test_a_message_in_fragments(tmp_path: Path) -> None:
    said = pack_frame(Out(b"hello"))

    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        peer.protocol.send_binary(said[:3], fin=False)
        peer.protocol.send_continuation(said[3:], fin=True)
        peer.send(ENDED)

    with conversation(tmp_path, script) as (attach, _):
        assert talk(attach()) == (b"hello", b"", 3)


def test_what_cannot_begin_fails_at_once(tmp_path: Path) -> None:
    stopped = ContctlError(ErrorCode.CONFLICT, "web is not running", hint="start it")
    with conversation(tmp_path, leaving(ItemWriter().error(stopped))) as (attach, _):
        error = _error(attach)
    assert (error.code, error.message, error.hint) == (stopped.code, stopped.message, "start it")


def test_what_is_refused_before_the_handshake(tmp_path: Path) -> None:
    refused = ContctlError(ErrorCode.NOT_AUTHENTICATED, "the session has ended")
    with BrokenEngine(tmp_path, lambda it: it.sendall(problem(refused))) as server:
        error = _error(lambda: authority(server.address).containers.attach("web", AttachSpec()))
    assert (error.code, error.message) == (refused.code, refused.message)


def test_an_error_in_the_middle(tmp_path: Path) -> None:
    ended = ContctlError(ErrorCode.NOT_AUTHENTICATED, "the user was disabled")
    script = leaving(BEGUN, pack_frame(Out(b"one")), ItemWriter().error(ended))
    with conversation(tmp_path, script) as (attach, _):
        duplex = attach()
        assert duplex.read() == Out(b"one")
        assert _error(duplex.read).message == "the user was disabled"
        assert duplex.read() is None


@pytest.mark.parametrize("frames", [(), (pack_frame(Out(b"one")),)], ids=["silent", "talking"])
def test_a_conversation_without_an_exit_was_cut(tmp_path: Path, frames: tuple[bytes, ...]) -> None:
    with conversation(tmp_path, leaving(BEGUN, *frames)) as (attach, _):
        duplex = attach()
        for _ in frames:
            assert isinstance(duplex.read(), Out)
        error = _error(duplex.read)
    assert error.code is ErrorCode.UNAVAILABLE
    assert "was cut" in error.message


def test_a_conversation_cut_at_each_byte(tmp_path: Path) -> None:
    protocol = Protocol(Side.SERVER)
    for frame in (BEGUN, pack_frame(Out(b"hi")), ENDED):
        protocol.send_binary(frame)
    whole = b"".join(protocol.data_to_send())
    left = list(range(len(whole) + 1))

    def script(peer: Peer) -> None:
        peer.connection.sendall(whole[: left.pop(0)])
        peer.connection.shutdown(socket.SHUT_RDWR)

    with conversation(tmp_path, script) as (attach, _):
        for _ in range(len(whole)):
            error = _error(lambda: talk(attach()))
            assert error.code is ErrorCode.UNAVAILABLE
            assert "was cut" in error.message
        assert talk(attach()) == (b"hi", b"", 3)


GARBAGE: dict[str, Script] = {
    "text": lambda peer: peer.connection.sendall(b"\x81\x05hello"),
    "unknown opcode": lambda peer: peer.connection.sendall(b"\x83\x00"),
    "masked": lambda peer: peer.connection.sendall(b"\x82\x81\0\0\0\0x"),
    "compressed": lambda peer: peer.connection.sendall(b"\xc2\x01x"),
    "huge": lambda peer: peer.connection.sendall(b"\x82\x7f\0\0\0\1\0\0\0\0"),
    "unknown frame": leaving(b"\x63\0\0\0\0"),
    "long frame": leaving(b"\x01\xff\xff\xff\xff"),
    "frame out of place": leaving(pack(Kind.SOURCE, b"x")),
    "exit of no number": leaving(pack(Kind.EXIT, b'"x"')),
}


@pytest.mark.parametrize("begun", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage(tmp_path: Path, kind: str, begun: bool) -> None:
    def script(peer: Peer) -> None:
        if begun:
            peer.send(BEGUN)
        GARBAGE[kind](peer)

    with conversation(tmp_path, script) as (attach, _):
        error = _error(lambda: talk(attach()))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "does not speak as a contctl gateway does" in error.message


BAD_HANDSHAKES: dict[str, Callable[[str], dict[str, str]]] = {
    "no proof": lambda _: {"Upgrade": "websocket"},
    "wrong proof": lambda _: {"Upgrade": "websocket", "Sec-WebSocket-Accept": "x"},
    "another protocol": lambda key: {"Upgrade": "h2c", "Sec-WebSocket-Accept": accept_key(key)},
    "an extension": lambda key: {
        "Upgrade": "websocket",
        "Sec-WebSocket-Accept": accept_key(key),
        "Sec-WebSocket-Extensions": "permessage-deflate",
    },
}


@pytest.mark.parametrize("kind", BAD_HANDSHAKES)
def test_a_bad_handshake(tmp_path: Path, kind: str) -> None:
    def behave(connection: socket.socket) -> None:
        peer = Peer(connection)
        connection.sendall(head(101, BAD_HANDSHAKES[kind](peer.read_key())))
        peer.send(BEGUN, ENDED)

    with BrokenEngine(tmp_path, behave) as server:
        error = _error(lambda: authority(server.address).containers.attach("web", AttachSpec()))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "does not speak as a contctl gateway does" in error.message


def test_a_gateway_that_never_begins(tmp_path: Path) -> None:
    with conversation(tmp_path, staying()) as (attach, _):
        assert "did not answer in time" in _error(attach).message


def test_a_process_may_be_silent_for_any_time(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        time.sleep(SHORT.answer * 2)
        peer.send(ENDED)

    with conversation(tmp_path, script) as (attach, _):
        assert talk(attach()) == (b"", b"", 3)


def test_closing_wakes_a_reader(tmp_path: Path) -> None:
    with conversation(tmp_path, staying(BEGUN)) as (attach, _):
        duplex = attach()
        assert woken_by_close(duplex, duplex.read) is None
        assert duplex.read() is None
        duplex.close()


def test_closing_wakes_a_writer(tmp_path: Path) -> None:
    release = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        release.wait(20)

    with conversation(tmp_path, script) as (attach, _):
        duplex = attach()
        woken_by_close(duplex, lambda: duplex.write(b"x" * (16 * MIB)))
        release.set()


def test_what_was_written_is_sent_before_leaving(tmp_path: Path) -> None:
    with conversation(tmp_path, staying(BEGUN)) as (attach, peers):
        duplex = attach()
        duplex.write(b"last words")
        duplex.close()
        eventually(lambda: peers[0].data(Kind.IN) == b"last words", "they arrive")


def test_a_writer_waits_for_a_gateway_that_does_not_read(tmp_path: Path) -> None:
    release = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        release.wait(20)
        while peer.receive():
            continue

    with conversation(tmp_path, script) as (attach, peers):
        duplex = attach()
        data = b"x" * (16 * MAX_UNSENT)
        writer = threading.Thread(target=duplex.write, args=(data,), daemon=True)
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
        release.set()
        writer.join(20)
        assert not writer.is_alive()
        eventually(lambda: len(peers[0].data(Kind.IN)) == len(data), "all of it arrives", 60)
        duplex.close()


def test_a_gateway_that_reads_only_while_it_is_read_from(tmp_path: Path) -> None:
    """As `cat` does: nobody stands still, however much is written before anything is read."""
    total = 8 * MIB

    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        echoed = 0
        while echoed < total and peer.receive():
            for kind, data in peer.found:
                if kind is Kind.IN:
                    echoed += len(data)
                    peer.send(pack_frame(Out(data)))
            peer.found.clear()
        peer.send(ENDED)

    with conversation(tmp_path, script) as (attach, _):
        duplex = attach()
        writer = threading.Thread(target=duplex.write, args=(b"x" * total,), daemon=True)
        writer.start()
        out, _, code = talk(duplex)
        assert (len(out), code) == (total, 3)


def test_pings_are_answered_while_the_writer_waits(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        time.sleep(0.3)
        peer.protocol.send_ping(b"there?")
        peer.flush()
        time.sleep(0.3)
        while not peer.pongs and peer.receive():
            continue
        peer.send(ENDED)

    with conversation(tmp_path, script) as (attach, peers):
        duplex = attach()
        writer = threading.Thread(target=duplex.write, args=(b"x" * (4 * MIB),), daemon=True)
        writer.start()
        assert talk(duplex) == (b"", b"", 3)
        assert peers[0].pongs == 1
        writer.join(5)
        assert not writer.is_alive()


def test_endless_pings_fill_no_memory(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.send(BEGUN)
        ping = b"\x89\x7d" + b"x" * 125
        while True:
            peer.connection.sendall(ping * 1000)

    with conversation(tmp_path, script) as (attach, _):
        error = _error(lambda: talk(attach()))
    assert error.code is ErrorCode.UNAVAILABLE


def test_closing_from_many_threads(tmp_path: Path) -> None:
    with conversation(tmp_path, staying(BEGUN)) as (attach, _):
        duplex = attach()
        with closing_after(duplex):
            threads = [threading.Thread(target=duplex.close, daemon=True) for _ in range(8)]
            for thread in threads:
                thread.start()
            assert duplex.read() is None
            for thread in threads:
                thread.join(5)
                assert not thread.is_alive()
