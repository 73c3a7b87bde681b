"""Logs that go on when a container is started again, until it is removed."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from queue import Empty, Full, Queue, SimpleQueue
from typing import Self

from contctl.commands.app import App
from contctl.commands.output.prefixes import Lines
from contctl.core.api import Stream
from contctl.core.domain.streams import Chunk, Err, Event, EventQuery, LogOptions, Out
from contctl.core.errors import ContctlError, ErrorCode

_BUFFERED = 64
_LONGEST_LINE = 32 * 1024 * 1024
_STAMP = len("2026-01-31T12:00:00.000000000Z")
_PART = 16 * 1024
"""Bytes of a line after which the engine logs the next part of it, with the time of the first part
(moby, `daemon/logger/copier.go`)."""
_INVERSION = 2.0
"""Seconds: the engine notes the time of a line a moment before it writes it down, so that lines of
the two outputs may stand in another order than that of their times."""
_AWAITED = ("start", "destroy")
_ENDED = None


class Restarts:
    """A Stream of what containers write, through their restarts, and of notes for people about
    these. It ends when all of them are removed, or at the end of the time asked for.

    names: by container ID.  options: `follow` is set.
    """

    def __init__(self, app: App, names: Mapping[str, str], options: LogOptions) -> None:
        self._app = app
        self._api = app.api.containers
        self._names = names
        self._options = options
        self._items: Queue[Chunk | str | BaseException | None] = Queue(_BUFFERED)
        self._running = len(names)
        self._closed = False
        self._changes: dict[str, SimpleQueue[str]] = {each: SimpleQueue() for each in names}
        filters = tuple(("container", each) for each in names)
        actions = tuple(("event", action) for action in _AWAITED)
        # Opened before the logs are: no restart falls between the two.
        events = self._api.events(EventQuery(filters=(*filters, *actions)))
        self._streams: list[Stream[Chunk] | Stream[Event]] = [events]
        threading.Thread(target=self._watch, args=(events,), daemon=True).start()
        for container_id in names:
            threading.Thread(target=self._follow, args=(container_id,), daemon=True).start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Chunk | str:
        while self._running and not self._closed:
            item = self._items.get()
            if isinstance(item, BaseException):
                raise item
            if item is not _ENDED:
                return item
            self._running -= 1
        raise StopIteration

    def close(self) -> None:
        """Close every stream, and end the threads that read them."""
        self._closed = True
        for stream in tuple(self._streams):
            stream.close()
        for changes in self._changes.values():
            changes.put("destroy")

    def _watch(self, events: Stream[Event]) -> None:
        try:
            for event in events:
                if event.container_id in self._changes and event.action in _AWAITED:
                    self._changes[event.container_id].put(event.action)
            if not self._closed:
                self._put(ContctlError(ErrorCode.UNAVAILABLE, "the stream of events has ended"))
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            self._put(error)

    def _follow(self, container_id: str) -> None:
        try:
            self._follow_through_restarts(container_id)
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            self._put(error)
        self._put(_ENDED)

    def _follow_through_restarts(self, container_id: str) -> None:
        name, seen = self._names[container_id], Seen(timestamps=self._options.timestamps)
        options = replace(self._options, timestamps=True)
        if options.tail == 0:
            last = replace(options, follow=False, tail=1)
            if self._read(container_id, last, seen, shown=False) and seen.since is not None:
                options = replace(options, tail=None, since=seen.since)
                seen.go_on()
        while self._read(container_id, options, seen) and not self._is_over():
            self._put(f"{name} does not run; waiting for it to be started")
            change = self._next_change(container_id)
            if change != "start":
                break
            self._put(f"{name} was started")
            seen.go_on()
            if seen.since is not None:
                options = replace(options, tail=None, since=seen.since)
        if not self._is_over():
            self._put(f"{name} was removed")

    def _read(
        self, container_id: str, options: LogOptions, seen: "Seen", *, shown: bool = True
    ) -> bool:
        """Put what is new, until the container stops; False where it is not there."""
        try:
            stream = self._api.logs([container_id], options)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return False
            raise
        self._streams.append(stream)
        if self._closed:
            stream.close()
        for chunk in stream:
            output = seen.new(chunk.output)
            if output.data and shown:
                self._put(Chunk(container_id, output))
        self._streams.remove(stream)
        for output in seen.rest():
            if output.data and shown:
                self._put(Chunk(container_id, output))
        return True

    def _next_change(self, container_id: str) -> str:
        """`start` or `destroy`, once it happens; empty if it does not in the time asked for."""
        try:
            return self._changes[container_id].get(timeout=self._left())
        except Empty:
            return ""

    def _left(self) -> float | None:
        """Seconds until the end of the time asked for; None where it has none."""
        until = self._options.until
        return None if until is None else max(0.0, until - self._app.client.now())

    def _is_over(self) -> bool:
        return self._closed or self._left() == 0

    def _put(self, item: Chunk | str | BaseException | None) -> None:
        while not self._closed:
            try:
                self._items.put(item, timeout=0.5)
            except Full:
                continue
            break


class Seen:
    """What was shown of one container's log, so that nothing is shown twice.

    timestamps: whether the times are to be shown, of which every line has one.
    """

    def __init__(self, *, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._lines = {Out: Lines(_LONGEST_LINE), Err: Lines(_LONGEST_LINE)}
        self._last: dict[type, bytes] = {}
        self._first = b""
        self._shown: dict[type, bytes] = {}

    def go_on(self) -> None:
        """From now on leave out what was seen until now."""
        # Of an output that was silent, what is older than all that was seen was not asked for.
        self._shown = {kind: self._last.get(kind, self._first) for kind in self._lines}

    @property
    def since(self) -> float | None:
        """From when on to go on, in seconds since the epoch; None where nothing was seen."""
        if not self._last:
            return None
        stamp = max(self._last.values()).decode("ascii", "replace")
        return datetime.fromisoformat(f"{stamp[:19]}+00:00").timestamp() - _INVERSION

    def new(self, output: Out | Err) -> Out | Err:
        """The lines that `output` completes and that were not seen before."""
        kind = type(output)
        return kind(self._unseen(kind, self._lines[kind].feed(output.data)))

    def rest(self) -> list[Out | Err]:
        """What came after the last lines, as lines."""
        out, err = (self._unseen(kind, self._lines[kind].rest()) for kind in (Out, Err))
        return [Out(out), Err(err)]

    def _unseen(self, kind: type, lines: bytes) -> bytes:
        if not lines:
            return b""
        kept: list[bytes] = []
        shown, last = self._shown.get(kind, b""), b""
        for line in lines[:-1].split(b"\n"):
            stamp = line[:_STAMP]
            if not _is_stamp(stamp):
                kept.append(line)
            elif stamp > shown:
                last = stamp
                kept.append(line if self._timestamps else _without(stamp, line))
        if last:
            self._last[kind] = last
            self._first = self._first or last
        return b"".join(b"%b\n" % line for line in kept)


def _is_stamp(text: bytes) -> bool:
    return len(text) == _STAMP and text[10:11] == b"T" and text[-1:] == b"Z"


def _without(stamp: bytes, line: bytes) -> bytes:
    """`line` without its time, which the engine puts before each part of a long one."""
    if len(line) <= _PART:
        return line[_STAMP + 1 :]
    return line.replace(stamp + b" ", b"")
