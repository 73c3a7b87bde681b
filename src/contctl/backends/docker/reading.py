"""What containers write and report, as streams."""

from math import inf, nextafter
from typing import Any

from contctl.backends.docker.errors import of_container, understanding
from contctl.backends.docker.framing import Documents, Mapped
from contctl.backends.docker.listing import inspect
from contctl.backends.docker.notices import to_event
from contctl.backends.docker.processes import has_terminal, output_decoder
from contctl.backends.docker.streams import BodyStream, Compared
from contctl.backends.docker.transport import Transport, container_path, filters
from contctl.core.api import Stream
from contctl.core.domain.streams import Chunk, Event, EventQuery, LogOptions, Stats


def logs(
    http: Transport, container_id: str, options: LogOptions, *, late: bool = False
) -> BodyStream[Chunk]:
    """What a container wrote; as `Engine.logs`. late: for an engine that does not answer before
    there is something to show."""
    terminal = has_terminal(http, inspect(http, container_id))
    asked = {
        "stdout": 1,
        "stderr": 1,
        "follow": int(options.follow),
        "timestamps": int(options.timestamps),
        "details": int(options.details),
        "tail": "all" if options.tail is None else options.tail,
        "since": _time(_widened(options.since, -inf)),
        "until": _time(_widened(options.until, inf)),
    }
    path, refuse = container_path(container_id, "logs"), of_container(container_id)
    body = (
        http.open_late(path, asked, refuse=refuse)
        if late
        else http.open("GET", path, asked, refuse=refuse, endless=options.follow)
    )
    decoder = Mapped(output_decoder(terminal), lambda output: Chunk(container_id, output))
    return BodyStream(http.endpoint, body, decoder)


def stats(http: Transport, container_id: str, *, stream: bool) -> Stream[Stats]:
    """Readings of a container; as `Engine.stats`."""
    # Asked for a single reading, the engine would be silent for seconds before it answers at all,
    # and many containers could not be asked at the same time.
    path = container_path(container_id, "stats")
    body = http.open("GET", path, {"stream": 1}, refuse=of_container(container_id))
    decoder = Mapped(Documents(), lambda reading: Stats(container_id, reading))
    readings = BodyStream(http.endpoint, body, decoder)
    return readings if stream else Compared(readings)


def events(http: Transport, query: EventQuery, now: float) -> BodyStream[Event]:
    """Events of containers; as `Engine.events`. now: seconds since the epoch."""
    # The engine answers before it listens to itself; asking from now on closes that gap.
    since = now if query.since is None else query.since
    asked = {
        "since": _time(since),
        "until": _time(query.until),
        "filters": filters((("type", "container"), *query.filters)),
    }

    def event(document: dict[str, Any]) -> Event:
        with understanding(http.endpoint):
            return to_event(document)

    body = http.open("GET", "/events", asked)
    return BodyStream(http.endpoint, body, Mapped(Documents(), event))


def _widened(seconds: float | None, towards: float) -> float | None:
    """A float holds no nanoseconds, and the line of just that time is asked for."""
    return nextafter(seconds, towards) if seconds is not None and seconds % 1 else seconds


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.9f}"
