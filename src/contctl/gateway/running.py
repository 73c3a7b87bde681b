"""Open streams: each on a thread of its own, so many at once, ended when the gateway stops."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

from contctl.core.api import Stream
from contctl.core.errors import ContctlError
from contctl.gateway.bounds import Bound
from contctl.gateway.bugs import as_error
from contctl.gateway.pipes import Outbox


class Packer(Protocol):
    """How the items of a stream become frames, and its last frame."""

    def frames(self, item: Any) -> bytes: ...
    def end(self) -> bytes: ...
    def error(self, error: ContctlError) -> bytes: ...


class Endable(Protocol):
    """What runs until it is ended."""

    def end(self, error: ContctlError) -> None: ...


class Running:
    """All open streams; a thread-safe registry with room for so many."""

    def __init__(self, most: int) -> None:
        self._room = Bound(most, "streams")
        self._open: set[Endable] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many are open, or about to be."""
        return len(self._room)

    def start(self, what: Endable, work: Callable[[], None], width: int = 1) -> None:
        """Run `work` on a thread of its own; UNAVAILABLE, reason `busy`, where there is no room.
        width: how many streams it counts as."""
        self._room.enter(count=width)
        with self._lock:
            self._open.add(what)

        def run() -> None:
            try:
                work()
            finally:
                with self._lock:
                    self._open.discard(what)
                self._room.leave(count=width)

        threading.Thread(target=run, daemon=True, name="gateway-stream").start()

    def end(self, error: ContctlError) -> None:
        """End every open stream with `error`; none of them is waited for."""
        with self._lock:
            every = list(self._open)
        for one in every:
            one.end(error)


class Pump:
    """One stream: opened, read, packed and closed on its own thread, as quickly as it is read.

    opening: a context for as long as it is open; it answers the stream.
    opened: done once it is open; its exception is why it could not be opened.
    """

    def __init__(
        self,
        name: str,
        opening: Callable[[], AbstractContextManager[Stream[Any]]],
        packer: Packer,
        outbox: Outbox,
    ) -> None:
        self.outbox = outbox
        self.opened: Future[None] = Future()
        self.opened.set_running_or_notify_cancel()
        self._name = name
        self._opening = opening
        self._packer = packer
        self._lock = threading.Lock()
        self._stream: Stream[Any] | None = None
        self._ended = False
        self._error: ContctlError | None = None

    def run(self) -> None:
        """All of it; on the stream's own thread."""
        try:
            with self._opening() as stream:
                self._keep(stream)
                self.opened.set_result(None)
                try:
                    self._forward(stream)
                finally:
                    self._close(stream)
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            if not self.opened.done():
                self.opened.set_exception(error)
        finally:
            with self._lock:
                self._stream = None
            self.outbox.finish()

    def abandon(self) -> None:
        """Nobody reads any more: close the stream, whatever it is at. Does not wait."""
        self.outbox.close()
        self._end(None)

    def end(self, error: ContctlError) -> None:
        """Close the stream; its reader is told `error`. Does not wait."""
        self._end(error)

    def _end(self, error: ContctlError | None) -> None:
        with self._lock:
            again, self._ended = self._ended, True
            self._error = self._error or error
            stream = self._stream
        if stream is not None and not again:
            # To close may take a while: the engine is told, and the audit log.
            threading.Thread(target=self._close, args=(stream,), daemon=True).start()

    def _keep(self, stream: Stream[Any]) -> None:
        with self._lock:
            self._stream = stream
            ended = self._ended
        if ended:
            self._close(stream)

    def _forward(self, stream: Stream[Any]) -> None:
        failure: ContctlError | None = None
        try:
            for item in stream:
                if not self.outbox.put(self._packer.frames(item)):
                    return
        except Exception as error:  # noqa: BLE001 - a bug, which the reader is told of as one
            failure = as_error(error, self._name)
        with self._lock:
            failure = self._error or failure
        self.outbox.put(self._packer.end() if failure is None else self._packer.error(failure))

    def _close(self, stream: Stream[Any]) -> None:
        with suppress(ContctlError):  # its end could not be recorded: there is nobody to tell
            stream.close()
