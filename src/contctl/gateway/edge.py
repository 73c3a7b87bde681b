"""Around every request: contctl's version on the answer, the one error boundary, one log record."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contctl import __version__
from contctl.gateway.bugs import as_error
from contctl.gateway.callers import peer_of
from contctl.gateway.replies import refuse_websocket, send_problem
from contctl.gateway.requests import Gone

VERSION_HEADER = "Contctl-Version"
_VERSION = (VERSION_HEADER.lower().encode("ascii"), __version__.encode("ascii"))
_STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_log = logging.getLogger("contctl.gateway")


class Edge:
    """An ASGI middleware: errors of the routes become problems, and nothing else passes it.

    admit: raises for a request that is one too many; those leave no record, or they would fill the
    disk.
    """

    def __init__(self, app: ASGIApp, admit: Callable[[Scope], None]) -> None:
        self._app = app
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        try:
            self._admit(scope)
            await self._app(scope, exchange.receive, exchange.send)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - the boundary: a bug is answered as one
            await exchange.refuse(error)
        finally:
            if not exchange.too_many:
                exchange.log()


class _Exchange:
    """One request and its answer, as they pass."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = monotonic()
        self._status = 0
        self._received = 0
        self._sent = 0
        self._all_read = scope["type"] != "http"

    @property
    def too_many(self) -> bool:
        """Whether it was refused for coming too often."""
        return self._status == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def operation(self) -> str:
        """What was asked for, where it is an operation of this gateway."""
        return str(getattr(self._scope.get("endpoint"), "name", ""))

    async def receive(self) -> Message:
        """Pass on a message, and count it."""
        message = await self._receive()
        self._received += len(message.get("body") or message.get("bytes") or b"")
        if not message.get("more_body", False):
            self._all_read = True
        return message

    async def send(self, message: Message) -> None:
        """Pass on a message, with the version at its head, and count it."""
        if message["type"] in _STARTS:
            self._status = message.get("status", 101)
            message = {**message, "headers": [*message.get("headers", ()), _VERSION]}
        await self._send(message)
        self._sent += len(message.get("body") or message.get("bytes") or b"")

    async def refuse(self, error: Exception) -> None:
        """Answer with what `error` says; where an answer has begun, it stays cut."""
        expected = as_error(error, self.operation)
        if self._status:
            return
        if self._scope["type"] == "websocket":
            await refuse_websocket(self.send, expected)
        else:
            await send_problem(self.send, expected, None if self._all_read else self.receive)

    def log(self) -> None:
        """One record: never what was asked with, nor a token. status: 0 where the peer left."""
        peer = peer_of(self._scope)
        fields: dict[str, Any] = {
            "operation": self.operation,
            "status": self._status,
            "milliseconds": round((monotonic() - self._begun) * 1000),
            "uid": peer.uid,
            "address": peer.address,
            "received": self._received,
            "sent": self._sent,
        }
        _log.info("request", extra={"fields": fields})
