"""Streams in the body of an answer."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from starlette.types import Receive, Scope, Send

from contctl.core.api import Stream
from contctl.gateway.callers import Caller
from contctl.gateway.operations import Operation
from contctl.gateway.pipes import Outbox
from contctl.gateway.requests import Gone, left, read_request
from contctl.gateway.running import Pump
from contctl.gateway.service import Service
from contctl.wire.frames import CONTENT_TYPE, ItemWriter

HEADERS = [(b"content-type", CONTENT_TYPE.encode("ascii"))]


@runtime_checkable
class _Settling(Protocol):
    """A stream of work that goes on after its reader has left, and keeps its place until then."""

    def settle(self) -> None: ...


class StreamRoute:
    """An ASGI application: the stream of one operation. What fails before the stream is open is
    raised; what fails later is its last frame."""

    def __init__(self, operation: Operation, service: Service) -> None:
        self.name = operation.name
        self._operation = operation
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        operation, service = self._operation, self._service
        caller = service.caller(scope, operation)
        request = await read_request(operation, scope, receive, service.limits)

        def opening() -> Any:
            return opened_for(service, operation, caller, request)

        pump = Pump(operation.name, opening, ItemWriter(), Outbox())
        service.running.start(pump, pump.run, operation.width(request))
        leaving = asyncio.create_task(left(scope, receive))
        sending = asyncio.create_task(_send(pump, send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise Gone
            sending.result()
        finally:
            leaving.cancel()
            sending.cancel()
            pump.abandon()


@contextmanager
def opened_for(
    service: Service,
    operation: Operation,
    caller: Caller,
    request: Any,
    adapt: Callable[[Any], Stream[Any]] = lambda stream: stream,
) -> Iterator[Stream[Any]]:
    """What the operation opens, counted for the caller's account as long as it is open."""
    authority = service.authority(caller)
    with service.admission.stream(authority, caller, operation.part, operation.width(request)):
        stream = adapt(operation.call(authority, request))
        try:
            yield stream
        finally:
            if isinstance(stream, _Settling):
                stream.settle()


async def _send(pump: Pump, send: Send) -> None:
    await asyncio.wrap_future(pump.opened)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    while (pieces := await pump.outbox.take()) is not None:
        await send({"type": "http.response.body", "body": b"".join(pieces), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
