"""uvicorn's protocols for HTTP and WebSockets, with a known peer, deadlines and bounds.

Deadlines are looked at by `sweep`, which the server calls again and again: one clock for all
connections, and nothing to arm or to forget.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from contctl import __version__
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import LEFT, PEER, Peer
from contctl.wire.codec import dumps
from contctl.wire.problems import CONTENT_TYPE, to_problem

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState
    from websockets.frames import Frame

    from contctl.gateway.limits import Limits

_MOST_FRAGMENTS = 1024
"""Of one WebSocket message: empty ones would never add up to its longest size."""

_LONG_HEAD = "the request's head is too large"

_Phase = tuple[str, int]
_RUNNING: _Phase = ("", 0)


class Link:
    """One connection as the server counts it.

    forget: called once, when the connection is gone.
    left: set then.
    """

    def __init__(self, peer: Peer, limits: Limits, forget: Callable[[], None]) -> None:
        self.peer = peer
        self.limits = limits
        self.left = asyncio.Event()
        self._forget: Callable[[], None] | None = forget
        self._phase: tuple[_Phase, float] = (_RUNNING, 0.0)

    def gone(self) -> None:
        """The connection has ended; more than once is no error."""
        self.left.set()
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()

    def lasted(self, phase: _Phase) -> float:
        """For how many seconds the connection has been seen in this phase."""
        now = time.monotonic()
        if self._phase[0] != phase:
            self._phase = (phase, now)
        return now - self._phase[1]


class HttpProtocol(H11Protocol):
    """HTTP/1.1 on one connection."""

    def __init__(
        self, config: Config, state: ServerState, app_state: dict[str, Any], link: Link
    ) -> None:
        super().__init__(config, state, app_state)
        self.link = link
        self._inner = self.app
        self.app = self._with_peer
        self.ws_protocol_class = partial(WebSocketProtocol, link=link)  # type: ignore[assignment]
        self._requests = 0
        self._pauses = 0
        self._ordinary = True
        self._began = False

    async def _with_peer(self, scope: Any, receive: Any, send: Any) -> None:
        scope[PEER] = self.link.peer
        if self._has_bad_head(scope):
            return
        scope[LEFT] = self.link.left

        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", ())}
                self._ordinary = b"content-length" in names
            await send(message)

        await self._inner(scope, receive, noting)

    def _has_bad_head(self, scope: Any) -> bool:
        """Refuse what h11 lets pass: a long head that came in one piece, and one whose body would
        end elsewhere for another reader of it (RFC 9112, section 6.1)."""
        headers = scope["headers"]
        size = len(scope["raw_path"]) + sum(len(name) + len(value) + 4 for name, value in headers)
        if size > self.link.limits.head_bytes:
            self._refuse(_LONG_HEAD, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return True
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
            self._refuse("the request says twice where its body ends")
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        super().connection_lost(exc)
        self.link.gone()

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if not self.transport.is_closing():
            self._began = True
            super().data_received(data)

    def on_response_complete(self) -> None:
        """One request more was answered."""
        self._requests += 1
        self._began = False
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The peer does not read as fast as it is written to."""
        self._pauses += 1
        super().pause_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's
        """What came is not HTTP, or has too large a head."""
        if len(self.conn.trailing_data[0]) > self.link.limits.head_bytes:
            self._refuse(_LONG_HEAD, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            self._refuse("the request is not valid HTTP")

    def sweep(self) -> None:
        """End the connection where it has taken too long."""
        phase = self._phase()
        lasted, limits = self.link.lasted(phase), self.link.limits
        match phase[0]:
            case "head" if lasted > limits.head_seconds:
                if self._began:
                    self._refuse(
                        "the request's head did not arrive in time", HTTPStatus.REQUEST_TIMEOUT
                    )
                else:
                    self.transport.close()
            case "rest of a body" if lasted > limits.body_seconds:
                self.transport.close()
            case "unread" | "closing" if lasted > limits.write_seconds:
                self.transport.abort()

    def _phase(self) -> _Phase:
        if self.transport.is_closing():
            return "closing", 0
        if self.flow.write_paused and self._ordinary:
            return "unread", self._pauses
        theirs = self.conn.their_state
        if theirs is h11.IDLE and self.timeout_keep_alive_task is None:
            return "head", self._requests
        if theirs is h11.SEND_BODY and self.conn.our_state in (h11.DONE, h11.MUST_CLOSE):
            return "rest of a body", self._requests
        return _RUNNING

    def _refuse(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        """Answer, unless an answer has begun already, and close."""
        cycle = self.cycle
        running = cycle is not None and not cycle.response_complete
        if not (running and cycle.response_started):
            self.transport.write(refusal(ContctlError(ErrorCode.USAGE, message), status))
        if running:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket on one connection, which has been an HTTP connection before."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        link: Link,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.link = link
        self._inner = self.app
        self.app = self._with_peer

    async def _with_peer(self, scope: Any, receive: Any, send: Any) -> None:
        scope[PEER] = self.link.peer
        scope[LEFT] = self.link.left
        await self._inner(scope, receive, send)
        if self.close_sent:
            # Also where a handshake was refused, which uvicorn would log as a failure.
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        super().connection_lost(exc)
        self.link.gone()

    def data_received(self, data: bytes) -> None:
        """Bytes of the handshake, and then of frames."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # It was HTTP, but no handshake; uvicorn would leave it without an answer or an end.
            error = ContctlError(ErrorCode.USAGE, "the request is not a WebSocket's handshake")
            self.handshake_initiated = True
            self.transport.write(refusal(error))
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """A message is whole."""
        if self.curr_msg_data_type == "text":
            # It is refused whatever it says; uvicorn would log what is not UTF-8 as a failure.
            self.frames = [b""]
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer a ping, but not one whose sender leaves the answers unread: they would pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        """A further fragment of a message."""
        if len(self.frames) < _MOST_FRAGMENTS:
            super().handle_cont(event)
            return
        self.conn.fail(1009, "too many fragments")
        self.handle_parser_exception()

    def sweep(self) -> None:
        """End the connection where its closing takes too long."""
        phase = ("closing", 0) if self.transport.is_closing() else _RUNNING
        if self.link.lasted(phase) > self.link.limits.write_seconds and phase != _RUNNING:
            self.transport.abort()


def refusal(error: ContctlError, status: int | None = None) -> bytes:
    """A whole HTTP answer that says `error` and ends the connection. status: instead of the one
    that such errors have."""
    problem = to_problem(error)
    if status is not None:
        problem.update(status=int(status), title=HTTPStatus(status).phrase)
    body = dumps(problem)
    head = (
        f"HTTP/1.1 {problem['status']} {problem['title']}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Contctl-Version: {__version__}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
