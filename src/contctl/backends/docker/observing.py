"""What the engine sees of a container from outside.

Source: Docker Engine API v1.41, `GET /containers/{id}/top` and `GET /containers/{id}/changes`.
"""

from collections.abc import Sequence

from contctl.backends.docker.errors import of_container, understanding
from contctl.backends.docker.listing import text
from contctl.backends.docker.transport import Transport, container_path
from contctl.core.domain.observed import Change, ChangeKind, Processes

_KINDS = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.DELETED)
"""By the API's number."""


def top(http: Transport, container_id: str, args: Sequence[str]) -> Processes:
    """A container's processes; as `Engine.top`."""
    path = container_path(container_id, "top")
    query = {"ps_args": " ".join(args) or None}
    answer = http.ask(path, query, refuse=of_container(container_id))
    with understanding(http.endpoint):
        titles = tuple(text(title) for title in answer["Titles"])
        rows = tuple(tuple(text(cell) for cell in row) for row in answer["Processes"] or ())
        if any(len(row) != len(titles) for row in rows):
            raise ValueError("a row of another length")
        return Processes(titles, rows)


def changed_files(http: Transport, container_id: str) -> tuple[Change, ...]:
    """What differs from a container's image; as `Engine.changed_files`."""
    path = container_path(container_id, "changes")
    # The engine walks all files of both.
    answer = http.ask(path, refuse=of_container(container_id), within=http.deadlines.change)
    with understanding(http.endpoint):
        return tuple(Change(_KINDS[int(each["Kind"])], text(each["Path"])) for each in answer or ())
