"""Containers and images of Podman.

Source: podman v4.3, `pkg/api/handlers/compat/containers.go` and `images.go`.
"""

from dataclasses import replace
from typing import Any

from contctl.backends.docker.errors import understanding
from contctl.backends.docker.images import to_image
from contctl.backends.docker.listing import to_container
from contctl.backends.docker.transport import Transport, filters
from contctl.backends.podman.disclosing import LABEL
from contctl.backends.podman.names import familiar
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.images import Image, ImageQuery

_ALL = 2**31 - 1
_RUNNING = (("status", "running"), ("status", "paused"))


def containers(http: Transport, query: ListQuery) -> tuple[Container, ...]:
    """As `Engine.list`."""
    asked = query.filters
    if not query.all and not query.last and all(key != "status" for key, _ in asked):
        asked += _RUNNING
    parameters = {
        "all": 1,
        # Podman sorts only where there is a limit; with one, it takes stopped ones, too.
        "limit": query.last or _ALL,
        "size": 1 if query.size else None,
        "filters": filters(asked),
    }
    within = http.deadlines.change if query.size else None
    answer = http.ask("/containers/json", parameters, within=within)
    with understanding(http.endpoint):
        return tuple(_container(row, sized=query.size) for row in answer)


def images(http: Transport, query: ImageQuery) -> tuple[Image, ...]:
    """As `Engine.list_images`."""
    asked = {"all": int(query.all), "filters": filters(query.filters)}
    answer = http.ask("/images/json", asked)
    with understanding(http.endpoint):
        return tuple(_image(row) for row in answer)


def _container(row: dict[str, Any], *, sized: bool) -> Container:
    found = to_container(row, sized=sized)
    labels = {key: value for key, value in found.labels.items() if key != LABEL}
    return replace(found, image=familiar(found.image), labels=labels)


def _image(row: dict[str, Any]) -> Image:
    # Podman counts containers and shared bytes unasked, where Docker writes -1.
    found = to_image({**row, "SharedSize": -1, "Containers": -1})
    return replace(
        found,
        tags=tuple(map(familiar, found.tags)),
        digests=tuple(map(familiar, found.digests)),
    )
