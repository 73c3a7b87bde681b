"""Images out of the engine's JSON.

Source: Docker Engine API v1.41, `GET /images/json`.
"""

from typing import Any

from contctl.backends.docker.errors import understanding
from contctl.backends.docker.listing import count, moment, text
from contctl.backends.docker.transport import Transport, filters
from contctl.core.domain.images import Image, ImageQuery


def images(http: Transport, query: ImageQuery) -> tuple[Image, ...]:
    """As `Engine.images`."""
    asked = {"all": int(query.all), "filters": filters(query.filters)}
    answer = http.ask("/images/json", asked)
    with understanding(http.endpoint):
        return tuple(to_image(row) for row in answer)


def to_image(row: dict[str, Any]) -> Image:
    """One row of a listing. KeyError, TypeError, ValueError or AttributeError where it is none."""
    return Image(
        id=text(row["Id"]),
        tags=tuple(text(tag) for tag in row.get("RepoTags") or ()),
        digests=tuple(text(digest) for digest in row.get("RepoDigests") or ()),
        created=moment(row["Created"]),
        size=int(row["Size"]),
        labels={text(k): text(v) for k, v in (row.get("Labels") or {}).items()},
        shared_size=_known(row.get("SharedSize")),
        containers=_known(row.get("Containers")),
    )


def _known(value: object) -> int | None:
    """A number; the engine writes -1 for what it did not find out."""
    number = count(value)
    return None if number is None or number < 0 else number
