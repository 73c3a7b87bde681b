"""Uploads: frames in the body of a request, which a service reads as a stream of bytes."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from typing import Any

from starlette.types import Receive, Scope, Send

from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import Caller
from contctl.gateway.operations import Operation
from contctl.gateway.pipes import Inbox
from contctl.gateway.replies import send_json
from contctl.gateway.requests import (
    Gone,
    bad_frame,
    body_pieces,
    check_content_type,
    deadline,
    left,
    request_of,
)
from contctl.gateway.service import Service
from contctl.wire.frames import CONTENT_TYPE, FrameReader, Kind

Frames = AsyncIterator[tuple[Kind, bytes]]


class UploadRoute:
    """An ASGI application: ARGUMENTS, any number of IN, and END. Without END nothing is complete:
    the service's source fails, so that the engine's is cut too."""

    def __init__(self, operation: Operation, service: Service) -> None:
        self.name = operation.name
        self._operation = operation
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        operation, service = self._operation, self._service
        caller = service.caller(scope, operation)
        check_content_type(scope, CONTENT_TYPE)
        frames = _frames(receive)
        request = await _arguments(operation, frames, service.limits.body_seconds)
        upload = _Upload(service, operation, caller, request)
        service.running.start(upload, upload.run)
        feeding = asyncio.create_task(upload.feed(frames))
        leaving = asyncio.create_task(left(scope))
        done = asyncio.wrap_future(upload.done)
        done.add_done_callback(_look_at)
        try:
            await asyncio.wait({feeding, done, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                raise Gone
            if feeding.done():
                feeding.result()
            answer = await done
            # The engine may have had enough before the end, without which it is no upload.
            await feeding
        finally:
            feeding.cancel()
            leaving.cancel()
            upload.source.finish(_cut())
        await send_json(send, answer)


class _Upload:
    """The call of one upload, on a thread of its own."""

    def __init__(
        self, service: Service, operation: Operation, caller: Caller, request: Any
    ) -> None:
        self.source = Inbox()
        self.done: Future[Any] = Future()
        self.done.set_running_or_notify_cancel()
        self._service = service
        self._operation = operation
        self._caller = caller
        self._request = request

    def run(self) -> None:
        """Call the service with what comes."""
        service, operation = self._service, self._operation
        try:
            authority = service.authority(self._caller)
            with service.admission.stream(authority, self._caller, operation.part, 1):
                self.done.set_result(operation.call(authority, self._request, tar=self.source))
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            self.done.set_exception(error)
        finally:
            self.source.close()

    def end(self, error: ContctlError) -> None:
        """Cut it."""
        self.source.finish(error)

    async def feed(self, frames: Frames) -> None:
        """Pass on what comes, up to END; ContctlError and Gone where that does not come."""
        try:
            async for kind, payload in frames:
                if kind is Kind.END:
                    await _nothing_more(frames)
                    self.source.finish()
                    return
                if kind is not Kind.IN:
                    raise bad_frame(f"a frame of kind {kind.name} in an upload")
                await self.source.put(payload)
            raise _cut()
        except ContctlError as error:
            self.source.finish(error)
            raise


async def _arguments(operation: Operation, frames: Frames, seconds: float) -> Any:
    async with deadline(seconds):
        first = await anext(frames, None)
    if first is None or first[0] is not Kind.ARGUMENTS:
        raise bad_frame("an upload begins with its arguments")
    return await request_of(operation, first[1])


async def _frames(receive: Receive) -> Frames:
    reader = FrameReader()
    async for piece in body_pieces(receive):
        for frame in reader.feed(piece):
            yield frame
    if not reader.empty:
        raise bad_frame("a frame that was cut")


async def _nothing_more(frames: Frames) -> None:
    if await anext(frames, None) is not None:
        raise bad_frame("a frame after the end")


def _look_at(done: asyncio.Future[Any]) -> None:
    """Where the upload itself failed, nobody asks for what the service made of it."""
    if not done.cancelled():
        done.exception()


def _cut() -> ContctlError:
    return ContctlError(ErrorCode.USAGE, "the upload has no end", details={"reason": "bad-frame"})
