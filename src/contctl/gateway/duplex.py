"""Processes that a peer talks with, over a WebSocket (RFC 6455) of binary messages.

The peer sends ARGUMENTS and then IN, CLOSE_WRITE and RESIZE; it is sent an ITEM once the process
has begun, OUT and ERR, and EXIT or ERROR as the last.
"""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Any, Self

from starlette.types import Receive, Scope, Send

from contctl.core.api import Duplex
from contctl.core.domain.streams import Err, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.bugs import as_error
from contctl.gateway.callers import Caller
from contctl.gateway.operations import Operation
from contctl.gateway.pipes import Inbox, Outbox
from contctl.gateway.requests import Gone, bad_frame, deadline, left, request_of
from contctl.gateway.running import Pump
from contctl.gateway.service import Service
from contctl.gateway.streams import opened_for
from contctl.wire.codec import decode, loads
from contctl.wire.frames import MAX_PAYLOAD, FrameReader, Kind, pack, pack_error, pack_frame

BEGUN = pack(Kind.ITEM, b"null")
LARGEST_SIDE = 65_535
"""Character cells; the kernel keeps a terminal's size in 16 bits (ioctl_tty(2))."""


class DuplexRoute:
    """An ASGI application: one operation over a WebSocket."""

    def __init__(self, operation: Operation, service: Service) -> None:
        self.name = operation.name
        self._operation = operation
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; every failure is its last frame."""
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await self._talk(scope, receive, send)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001 - a bug, which the peer is told of as one
            await _say(send, pack_error(as_error(error, self.name)))
        with suppress(OSError):  # it has left meanwhile
            await send({"type": "websocket.close", "code": 1000})

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation, service = self._operation, self._service
        caller = service.caller(scope, operation)
        messages = _Messages(receive)
        async with deadline(service.limits.body_seconds):
            kind, payload = await messages.next()
        if kind is not Kind.ARGUMENTS:
            raise bad_frame("the first frame is not the arguments")
        request = await request_of(operation, payload)
        talk = _Talk(service, operation, caller, request)
        service.running.start(talk.pump, talk.pump.run)
        hearing = asyncio.create_task(talk.hear(messages))
        saying = asyncio.create_task(talk.say(send))
        leaving = asyncio.create_task(left(scope))
        tasks = {hearing, saying, leaving}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                raise Gone
            if not saying.done():
                hearing.result()
            await saying
        finally:
            for task in tasks:
                task.cancel()
            talk.abandon()


class _Messages:
    """The frames that a peer sends, in messages of one frame or more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._reader = FrameReader()
        self._ready: deque[tuple[Kind, bytes]] = deque()

    async def next(self) -> tuple[Kind, bytes]:
        """The next frame; Gone where the peer has left, USAGE for what is no frame."""
        while not self._ready:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise Gone
            data = message.get("bytes")
            if data is None:
                raise bad_frame("a message that is not binary")
            self._ready.extend(self._reader.feed(data))
        return self._ready.popleft()


class _Talk:
    """One process, between its peer on the event loop and two threads: one reads, one writes."""

    def __init__(
        self, service: Service, operation: Operation, caller: Caller, request: Any
    ) -> None:
        self._name = operation.name
        self._inbox = Inbox()
        self._duplex: Duplex | None = None
        self._input_closed = False

        def opening() -> Any:
            return opened_for(service, operation, caller, request, self._adapt)

        self.pump = Pump(operation.name, opening, _Packer(), Outbox())

    def _adapt(self, duplex: Duplex) -> "_Frames":
        self._duplex = duplex
        return _Frames(duplex)

    async def say(self, send: Send) -> None:
        """Send what the process says, to its exit."""
        await asyncio.wrap_future(self.pump.opened)
        threading.Thread(target=self._write, daemon=True, name="gateway-input").start()
        await _say(send, BEGUN)
        while (pieces := await self.pump.outbox.take()) is not None:
            for piece in pieces:
                await _say(send, piece)

    async def hear(self, messages: _Messages) -> None:
        """Pass on what the peer sends until it leaves, as Gone, or sends what it may not."""
        while True:
            kind, payload = await messages.next()
            _check(kind, payload, input_closed=self._input_closed)
            self._input_closed = self._input_closed or kind is Kind.CLOSE_WRITE
            await self._inbox.put(pack(kind, payload))

    def abandon(self) -> None:
        """Leave the process."""
        self._inbox.close()
        self.pump.abandon()

    def _write(self) -> None:
        """Write what has come; on a thread of its own, for a process may read slowly."""
        duplex = self._duplex
        if duplex is None:
            return
        try:
            for frame in self._inbox:
                ((kind, payload),) = FrameReader().feed(frame)
                _pass_on(duplex, kind, payload)
        except Exception as error:  # noqa: BLE001 - a bug, which the peer is told of as one
            self.pump.end(as_error(error, self._name))
        finally:
            self._inbox.close()


class _Frames:
    """A duplex as the stream of what it says, each item short enough for one frame."""

    def __init__(self, duplex: Duplex) -> None:
        self._duplex = duplex
        self._ready: deque[Frame] = deque()
        self.close = duplex.close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Frame:
        if not self._ready:
            frame = self._duplex.read()
            if frame is None:
                raise StopIteration
            self._ready.extend(_in_parts(frame))
        return self._ready.popleft()


class _Packer:
    """The frames of a process: EXIT is the last."""

    def __init__(self) -> None:
        self._exited = False

    def frames(self, item: Frame) -> bytes:
        self._exited = isinstance(item, Exit)
        return pack_frame(item)

    def end(self) -> bytes:
        if self._exited:
            return b""
        return pack_error(ContctlError(ErrorCode.UNAVAILABLE, "the process was left"))

    def error(self, error: ContctlError) -> bytes:
        return b"" if self._exited else pack_error(error)


def _in_parts(frame: Frame) -> list[Frame]:
    if isinstance(frame, Exit) or len(frame.data) <= MAX_PAYLOAD:
        return [frame]
    class_: type[Out] | type[Err] = type(frame)
    starts = range(0, len(frame.data), MAX_PAYLOAD)
    return [class_(frame.data[start : start + MAX_PAYLOAD]) for start in starts]


def _check(kind: Kind, payload: bytes, *, input_closed: bool) -> None:
    """USAGE for a frame that a peer may not send, or not any more."""
    if kind is Kind.RESIZE:
        if not all(0 <= side <= LARGEST_SIDE for side in _size(payload)):
            raise bad_frame("not the size of a terminal")
    elif kind is Kind.IN:
        if input_closed:
            raise bad_frame("a frame of kind IN after CLOSE_WRITE")
    elif kind is not Kind.CLOSE_WRITE or payload:
        raise bad_frame(f"a frame of kind {kind.name} out of place")


def _size(payload: bytes) -> tuple[int, int]:
    columns, rows = decode(tuple[int, int], loads(payload))
    return columns, rows


def _pass_on(duplex: Duplex, kind: Kind, payload: bytes) -> None:
    if kind is Kind.IN:
        duplex.write(payload)
    elif kind is Kind.CLOSE_WRITE:
        duplex.close_write()
    else:
        duplex.resize(*_size(payload))


async def _say(send: Send, frame: bytes) -> None:
    if not frame:
        return
    try:
        await send({"type": "websocket.send", "bytes": frame})
    except OSError:
        raise Gone from None
