"""What containers use, read for as long as somebody looks."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from contctl.commands.app import App
from contctl.commands.container.named import containers_named
from contctl.core.api import Stream
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.streams import Event, EventQuery, Stats
from contctl.core.domain.usage import Usage, usage_of
from contctl.core.errors import ContctlError, ErrorCode

HISTORY = 20
"""How many of the last readings are kept."""
_SHORT = 12
_TRIES = 5
T = TypeVar("T")


@dataclass(slots=True)
class Metered:
    """A container and what it uses. ref: as it was asked for.  usage: None where it was not read
    yet.  cpu: the last shares of a processor, the newest last."""

    ref: str
    usage: Usage | None = None
    cpu: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def add(self, usage: Usage) -> None:
        """The next reading."""
        self.usage = usage
        self.cpu.append(usage.cpu)


def read_once(app: App, refs: Sequence[str], *, everything: bool) -> list[Metered]:
    """One reading of each of `refs`, or of all that run; with `everything` of all there are."""

    def read() -> list[Metered]:
        found = _chosen(app, refs, everything=everything)
        if found:
            with closing(app.api.containers.stats(list(found), stream=False)) as stream:
                for stats in stream:
                    found[stats.container_id].add(usage_of(stats.container_id, stats.reading))
        return list(found.values())

    return _tried(read, again=not refs)


class Meter:
    """Reads `refs`, or all that run and those that are started later; with `everything` also those
    that do not run. What ends its reading is raised by `readings`."""

    def __init__(self, app: App, refs: Sequence[str], *, everything: bool) -> None:
        self._api = app.api.containers
        self._everything = everything
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._reading: set[str] = set()
        self._closed = False
        self._streams: list[Stream[Stats] | Stream[Event]] = []
        self._endless = not refs
        self._found: dict[str, Metered] = {}
        # Opened before the list is asked for: nothing is started between the two.
        events = self._api.events(EventQuery()) if self._endless else None
        try:
            stream = _tried(lambda: self._open(app, refs), again=self._endless)
        except BaseException:
            if events is not None:
                events.close()
            raise
        if stream is not None:
            self._read(stream, *self._found)
        if events is not None:
            self._begin(events, self._note, self._expect_nothing)

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come: all that was asked for is removed."""
        with self._changed:
            return not self._endless and not self._reading and self._error is None

    def readings(self) -> list[Metered]:
        """What is known now, the newest container first or as they were named."""
        with self._changed:
            if self._error is not None:
                raise self._error
            return [Metered(each.ref, each.usage, each.cpu.copy()) for each in self._found.values()]

    def await_readings(self, seconds: float) -> None:
        """Wait until each was read once, or for so many seconds."""

        def complete() -> bool:
            read = all(each.usage is not None for each in self._found.values())
            return read or self._error is not None

        with self._changed:
            self._changed.wait_for(complete, seconds)

    def close(self) -> None:
        """Close every stream."""
        self._closed = True
        for stream in tuple(self._streams):
            stream.close()

    def _open(self, app: App, refs: Sequence[str]) -> Stream[Stats] | None:
        self._found = _chosen(app, refs, everything=self._everything)
        return self._api.stats(list(self._found)) if self._found else None

    def _read(self, stream: Stream[Stats], *container_ids: str) -> None:
        with self._changed:
            self._reading.update(container_ids)
        self._begin(stream, self._take, lambda: self._reading.difference_update(container_ids))

    def _begin(
        self,
        stream: Stream[Stats] | Stream[Event],
        take: Callable[..., None],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._streams.append(stream)

        def run() -> None:
            error: BaseException | None = None
            try:
                for item in stream:
                    take(item)
            except BaseException as caught:  # noqa: BLE001 - raised again in the reader's thread
                error = caught
            with self._changed:
                ended()
                self._streams.remove(stream)
                if not self._closed:
                    self._error = self._error or error
                self._changed.notify_all()

        threading.Thread(target=run, daemon=True).start()

    def _expect_nothing(self) -> None:
        """Without events nothing that is started later would be seen."""
        self._endless = False

    def _take(self, stats: Stats) -> None:
        usage = usage_of(stats.container_id, stats.reading)
        with self._changed:
            if stats.container_id in self._found:
                self._found[stats.container_id].add(usage)
                self._changed.notify_all()

    def _note(self, event: Event) -> None:
        """Add what is started, and take away what ends."""
        container_id = event.container_id
        if event.action == "destroy" or (event.action == "die" and not self._everything):
            with self._changed:
                self._found.pop(container_id, None)
        elif event.action == "start" or (event.action == "create" and self._everything):
            with self._changed:
                self._found.setdefault(container_id, Metered(container_id[:_SHORT]))
                known = container_id in self._reading
            if not known:
                self._add(container_id)

    def _add(self, container_id: str) -> None:
        try:
            stream = self._api.stats([container_id])
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            with self._changed:
                self._found.pop(container_id, None)
        else:
            self._read(stream, container_id)


def _chosen(app: App, refs: Sequence[str], *, everything: bool) -> dict[str, Metered]:
    """The containers by full ID, with nothing read yet."""
    if refs:
        named = containers_named(app, refs)
        return {container.id: Metered(ref) for ref, container in named.items()}
    listed = app.api.containers.list(ListQuery(all=everything))
    return {container.id: Metered(container.id[:_SHORT]) for container in listed}


def _tried(attempt: Callable[[], T], *, again: bool) -> T:
    """What `attempt` answers; with `again` it is tried anew where a container of the list was
    removed before it could be read."""
    for _ in range(_TRIES - 1 if again else 0):
        try:
            return attempt()
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
    return attempt()
