"""Events of Podman's containers, in Docker's words.

Source: podman v4.3, `libpod/events/config.go` (names) and `pkg/api/handlers/compat/events.go`.
"""

from typing import Any

from contctl.backends.docker.errors import understanding
from contctl.backends.docker.framing import Documents, Mapped
from contctl.backends.docker.notices import to_event
from contctl.backends.docker.streams import BodyStream
from contctl.backends.docker.transport import Transport, filters
from contctl.backends.podman.names import familiar
from contctl.core.domain.streams import Event, EventQuery

_NAMES = {"remove": "destroy", "exec": "exec_start", "exec_died": "exec_die", "died": "die"}
_OWN = frozenset({"init", "cleanup", "mount", "unmount", "sync", "prune", "refresh", "restore"})
"""What Docker has no event for."""
_OWN_ATTRIBUTES = ("containerExitCode", "podId")
_CHOSEN_HERE = ("event", "image")


def events(http: Transport, query: EventQuery, now: float) -> BodyStream[Event]:
    """As `Engine.events`. now: seconds since the epoch."""
    since = now if query.since is None else query.since
    past = query.until is not None and query.until <= now
    asked = {
        "since": f"{since:.9f}",
        # Asked for events up to a time that is over, Podman stops before it reads its file.
        "until": None if past or query.until is None else f"{query.until:.9f}",
        "stream": "false" if past else None,
        "filters": filters(
            (("type", "container"), *((k, v) for k, v in query.filters if k not in _CHOSEN_HERE))
        ),
    }

    def event(document: dict[str, Any]) -> Event | None:
        with understanding(http.endpoint):
            found = _in_dockers_words(to_event(document))
        return found if _wanted(found, query) else None

    body = http.open("GET", "/events", asked)
    return BodyStream(http.endpoint, body, Mapped(Documents(), event))


def _in_dockers_words(event: Event) -> Event:
    attributes = {k: v for k, v in event.attributes.items() if k not in _OWN_ATTRIBUTES}
    if "image" in attributes:
        attributes["image"] = familiar(attributes["image"])
    action = _NAMES.get(event.action, event.action)
    return Event(event.at, action, event.container_id, attributes)


def _wanted(event: Event, query: EventQuery) -> bool:
    if event.action in _OWN or (query.until is not None and event.at > query.until * 1e9):
        return False
    names = [value for key, value in query.filters if key == "event"]
    images = [value for key, value in query.filters if key == "image"]
    image = event.attributes.get("image", "")
    return (not names or event.action in names) and (
        not images or image in images or image.rpartition(":")[0] in images
    )
