"""docker's filters, applied to what a cluster lists.

Source: docker docs, "docker container ls", Filtering; values of one key are alternatives, but all
labels are needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contctl.core.domain.engines import cannot
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.domain.containers import Container

STATES = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
HEALTHS = ("starting", "healthy", "unhealthy", "none")
_MEANINGLESS = ("volume", "network", "publish", "expose", "is-task", "isolation")
_EXPRESSION = re.compile(r"[*+?()\[\]{}|\\]")


@dataclass(frozen=True, slots=True)
class Row:
    """A container with what only filters look at."""

    container: Container
    exit_code: int | None
    health: str


def selected(rows: Sequence[Row], filters: Sequence[tuple[str, str]]) -> list[Row]:
    """Those of `rows`, the newest first, that `filters` ask for. USAGE for an unknown filter or
    value; UNSUPPORTED for one that has no meaning here."""
    check(filters)
    order = {row.container.id: at for at, row in enumerate(rows)}
    for key in dict.fromkeys(key for key, _ in filters):
        values = [value for other, value in filters if other == key]
        chosen = all if key == "label" else any
        if key in ("before", "since"):
            rows = [row for row in rows if chosen(_is_older(row, key, v, order) for v in values)]
        else:
            rows = [row for row in rows if chosen(_TESTS[key](row, value) for value in values)]
    return list(rows)


def asks_for_all(filters: Sequence[tuple[str, str]]) -> bool:
    """Whether they name what only containers that do not run have (moby, `daemon/list.go`)."""
    return any(key in ("status", "exited", "before", "since") for key, _ in filters)


def check(filters: Sequence[tuple[str, str]]) -> None:
    """USAGE or UNSUPPORTED as `selected`."""
    for key, value in filters:
        if key in _MEANINGLESS:
            raise cannot(f"filter by {key}", "pods have none of docker's")
        if key not in _TESTS and key not in ("before", "since"):
            raise _invalid(key, value)
        if key == "status" and value not in STATES:
            raise _invalid(key, value)
        if key == "health" and value not in HEALTHS:
            raise _invalid(key, value)
        if key == "exited" and not value.removeprefix("-").isdecimal():
            raise _invalid(key, value)
        # Expressions of a caller could keep this process busy for ever.
        if key in ("name", "id") and _EXPRESSION.search(value):
            raise ContctlError(
                ErrorCode.USAGE,
                f"not a filter that this engine takes: '{key}={value}'",
                hint="it compares parts of names; ^ and $ are their beginning and end",
            )


def _invalid(key: str, value: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, f"invalid filter '{key}={value}'")


def _is_older(row: Row, key: str, container_id: str, order: dict[str, int]) -> bool:
    at, there = order[row.container.id], order.get(container_id)
    if there is None:
        return False
    return at > there if key == "before" else at < there


def _matches(name: str, wanted: str) -> bool:
    plain = wanted.removeprefix("^").removeprefix("/").removesuffix("$")
    if wanted.startswith("^") and wanted.endswith("$"):
        return name == plain
    if wanted.startswith("^"):
        return name.startswith(plain)
    return name.endswith(plain) if wanted.endswith("$") else plain in name


def _name(row: Row, value: str) -> bool:
    return any(_matches(name, value) for name in (*row.container.names, row.container.workload))


def has_label(labels: Mapping[str, str], wanted: str) -> bool:
    """Whether there is the label of `KEY` or `KEY=VALUE`."""
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


def is_image(image: str, wanted: str) -> bool:
    """Whether an image is the one that is named, with or without its tag and docker's registry."""
    short = image.removeprefix("docker.io/").removeprefix("library/")
    return wanted in (image, short, short.partition(":")[0]) or f"{wanted}:latest" == short


_TESTS: dict[str, Callable[[Row, str], bool]] = {
    "id": lambda row, value: _matches(row.container.id, value),
    "name": _name,
    "label": lambda row, value: has_label(row.container.labels, value),
    "status": lambda row, value: row.container.state == value,
    "ancestor": lambda row, value: (
        is_image(row.container.image, value) or row.container.image_id == value
    ),
    "exited": lambda row, value: row.exit_code == int(value),
    "health": lambda row, value: row.health == value,
}
