"""Processes on the other side of a gateway that one can talk with, over WebSocket (RFC 6455).

The framing is the websockets package's; sending and receiving are not, since its connections hold a
lock while they send: one whose peer reads no more until it is read from would stand still.
"""

import secrets
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from contctl.backends.gateway.errors import Gateway
from contctl.backends.gateway.transport import Answer, Transport
from contctl.core.domain.streams import Exit, Frame
from contctl.core.errors import ContctlError
from contctl.wire.codec import dumps
from contctl.wire.frames import (
    MAX_PAYLOAD,
    FrameReader,
    Kind,
    pack,
    unpack_error,
    unpack_frame,
)

if TYPE_CHECKING:
    from websockets.protocol import Protocol

    from contctl.core.domain.secret import Secret

MAX_UNSENT = 256 * 1024
"""Bytes that wait to be sent; a writer waits while there are more."""
_MAX_WRITE = 64 * 1024
_MAX_BACKLOG = 4 * 1024 * 1024
_FRAME_HEAD = 5
_LAST_SECONDS = 0.5
"""How long `close` waits until what was written before is sent."""


def open_duplex(
    transport: Transport, operation: str, arguments: Mapping[str, Any], token: "Secret | None"
) -> "GatewayDuplex":
    """Call an operation that is a conversation, and wait until it has begun; ContctlError where it
    has not."""
    from websockets.protocol import Protocol, Side
    from websockets.utils import accept_key

    key = b64encode(secrets.token_bytes(16)).decode("ascii")
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    }
    answer = transport.upgrade(operation, token, headers)
    given = answer.head.headers
    if (
        given.get("sec-websocket-accept") != accept_key(key)
        or given.get("upgrade", "").lower() != "websocket"
        or "sec-websocket-extensions" in given
    ):
        answer.body.close()
        raise transport.gateway.garbage()
    protocol = Protocol(Side.CLIENT, max_size=MAX_PAYLOAD + _FRAME_HEAD)
    duplex = GatewayDuplex(transport.gateway, answer, protocol)
    try:
        duplex.begin(dumps(arguments))
    except BaseException:
        duplex.close()
        raise
    answer.body.connection.limit(None)
    return duplex


class GatewayDuplex:
    """A Duplex over a WebSocket. A thread of its own sends, so that a reader, who has to answer
    pings, never waits for a gateway that does not read."""

    def __init__(self, gateway: Gateway, answer: Answer, protocol: "Protocol") -> None:
        self._gateway = gateway
        self._version = answer.version
        self._body = answer.body
        self._protocol = protocol
        self._frames = FrameReader()
        self._ready: deque[tuple[Kind, bytes]] = deque()
        self._failure: ContctlError | None = None
        self._turn = threading.Condition()
        self._unsent = bytearray()
        self._sending = False
        self._over = False
        self._sender = threading.Thread(target=self._send, name="duplex-sender", daemon=True)
        self._sender.start()

    def begin(self, arguments: bytes) -> None:
        """Tell what is asked for, and wait until it has begun."""
        self._queue(pack(Kind.ARGUMENTS, arguments))
        found = self._next()
        if found is None or found[0] is not Kind.ITEM:
            raise self._gateway.garbage()

    def read(self) -> Frame | None:
        """The next frame, the exit code last."""
        try:
            found = self._next()
            if found is None:
                return None
            with self._gateway.understanding(self._version):
                frame = unpack_frame(*found)
        except ContctlError:
            self._leave()
            raise
        if isinstance(frame, Exit):
            self._leave()
        return frame

    def write(self, data: bytes) -> None:
        """Send to its standard input. Waits for as long as the process does not read."""
        for start in range(0, len(data), _MAX_WRITE):
            self._queue(pack(Kind.IN, data[start : start + _MAX_WRITE]))

    def close_write(self) -> None:
        """Tell the gateway that nothing more is written."""
        self._queue(pack(Kind.CLOSE_WRITE))

    def resize(self, columns: int, rows: int) -> None:
        """Tell the gateway; what has ended has no size to set."""
        self._queue(pack(Kind.RESIZE, dumps([columns, rows])))

    def close(self) -> None:
        """Leave the process running, and wake a blocked `read` or `write`."""
        with self._turn:
            self._turn.wait_for(lambda: self._over or self._all_sent(), _LAST_SECONDS)
        self._leave()

    def _leave(self) -> None:
        with self._turn:
            self._over = True
            self._turn.notify_all()
        self._body.close()

    def _next(self) -> tuple[Kind, bytes] | None:
        """The next frame; the error that stands in the place of one is raised."""
        while not self._over:
            if self._ready:
                kind, payload = self._ready.popleft()
                if kind is Kind.ERROR:
                    raise unpack_error(payload)
                return kind, payload
            if self._failure is not None:
                raise self._failure
            self._fill()
        return None

    def _fill(self) -> None:
        try:
            piece = self._body.read()
            if not piece:
                if self._body.closed:
                    self._leave()
                    return
                raise self._gateway.cut()
            self._receive(piece)
        except ContctlError as error:
            # What came before it is still to be handed out.
            self._failure = error

    def _receive(self, piece: bytes) -> None:
        from websockets.frames import Frame as Message
        from websockets.frames import Opcode

        with self._turn:
            self._protocol.receive_data(piece)
            events = self._protocol.events_received()
            broken = self._protocol.parser_exc is not None
            self._collect()
            # Answers to pings, of a gateway that only ever asks.
            broken |= len(self._unsent) > _MAX_BACKLOG
        for event in events:
            if not isinstance(event, Message) or event.opcode is Opcode.TEXT:
                raise self._gateway.garbage()
            if event.opcode is Opcode.CLOSE:
                raise self._gateway.cut()
            if event.opcode in (Opcode.BINARY, Opcode.CONT):
                with self._gateway.understanding(self._version):
                    self._ready.extend(self._frames.feed(bytes(event.data)))
        if broken:
            raise self._gateway.garbage()

    def _queue(self, message: bytes) -> None:
        """Have a message sent; dropped where nobody reads on."""
        from websockets.protocol import State

        with self._turn:
            self._turn.wait_for(lambda: self._over or len(self._unsent) < MAX_UNSENT)
            if not self._over and self._protocol.state is State.OPEN:
                self._protocol.send_binary(message)
                self._collect()

    def _collect(self) -> None:
        """Take what the protocol wants to have sent."""
        self._unsent += b"".join(self._protocol.data_to_send())
        self._turn.notify_all()

    def _all_sent(self) -> bool:
        return not self._unsent and not self._sending

    def _send(self) -> None:
        """Send what there is until the end. A connection that fails does so for the reader too."""
        while True:
            with self._turn:
                self._sending = False
                self._turn.notify_all()
                self._turn.wait_for(lambda: self._over or self._unsent)
                if self._over:
                    return
                data = bytes(self._unsent)
                self._unsent.clear()
                self._sending = True
            with suppress(ContctlError):
                self._body.send(data)
