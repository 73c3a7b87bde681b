"""What the fake engine answers to queries: listings, logs, events."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.streams import Chunk, Err, Event, EventQuery, LogOptions, Out
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.engine_containers import FakeContainer, Written
from tests.fakes.engine_streams import NotYet

_FILTERS: dict[str, Callable[[FakeContainer, str], bool]] = {
    "id": lambda container, value: container.id.startswith(value),
    "name": lambda container, value: value.removeprefix("/") in container.name,
    "status": lambda container, value: container.state == value,
    "ancestor": lambda container, value: container.spec.image.partition(":")[0] == value,
    "label": lambda container, value: _has_label(container, value),
}


def listed(containers: Iterable[FakeContainer], query: ListQuery) -> tuple[Container, ...]:
    """The rows that `query` asks for, the newest first."""
    for key, _ in query.filters:
        if key not in _FILTERS:
            raise ContctlError(ErrorCode.USAGE, f"Invalid filter '{key}'")
    everything = query.all or bool(query.last) or any(key == "status" for key, _ in query.filters)
    found = [
        container
        for container in sorted(containers, key=lambda container: -container.order)
        if (everything or container.running) and _matches(container, query.filters)
    ]
    return tuple(container.row(size=query.size) for container in found[: query.last or None])


def _matches(container: FakeContainer, filters: tuple[tuple[str, str], ...]) -> bool:
    """Values of one key are alternatives, but all labels are needed (docker ps, Filtering)."""
    return all(
        (all if key == "label" else any)(
            _FILTERS[key](container, value) for other, value in filters if other == key
        )
        for key, _ in filters
    )


def _has_label(container: FakeContainer, value: str) -> bool:
    key, equals, wanted = value.partition("=")
    return key in container.labels and (not equals or container.labels[key] == wanted)


def followed_log(container: FakeContainer, options: LogOptions) -> Callable[[], Chunk]:
    """A function that answers the log piece by piece."""
    run = container.runs
    at = _first(container.log, options)

    def take() -> Chunk:
        nonlocal at
        while at < len(container.log):
            written = container.log[at]
            at += 1
            if _in_time(written, options):
                return Chunk(container.id, _shown(written, options))
        if not options.follow or not container.running or len(container.exits) >= run > 0:
            raise StopIteration
        raise NotYet

    return take


def _first(log: list[Written], options: LogOptions) -> int:
    return 0 if options.tail is None else max(0, len(log) - options.tail)


def _in_time(written: Written, options: LogOptions) -> bool:
    after = options.since is None or written.at >= options.since
    return after and (options.until is None or written.at <= options.until)


def _shown(written: Written, options: LogOptions) -> Out | Err:
    if not options.timestamps:
        return written.output
    stamp = datetime.fromtimestamp(written.at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z ")
    return type(written.output)(stamp.encode() + written.output.data)


def past_or_coming(events: list[Event], query: EventQuery) -> Callable[[], Event]:
    """A function that answers those of `events`, which grows, that `query` asks for."""
    at = 0 if query.since is not None else len(events)

    def take() -> Event:
        nonlocal at
        while at < len(events):
            event = events[at]
            at += 1
            if _wanted(event, query):
                return event
        if query.until is not None and time.time() >= query.until:
            raise StopIteration
        raise NotYet

    return take


def _wanted(event: Event, query: EventQuery) -> bool:
    seconds = event.at / 1e9
    if query.since is not None and seconds < query.since:
        return False
    if query.until is not None and seconds > query.until:
        return False
    wanted = [value for key, value in query.filters if key == "container"]
    names = (event.container_id, event.attributes.get("name"))
    return not wanted or any(value in names for value in wanted)
