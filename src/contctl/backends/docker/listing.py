"""Containers out of the engine's JSON.

Source: Docker Engine API v1.41, `GET /containers/json` and `GET /containers/{id}/json`.
"""

from typing import Any

from contctl.backends.docker.errors import garbage, of_container
from contctl.backends.docker.transport import Transport, container_path
from contctl.core.domain.containers import Container, Json, Port

_LAST_SECOND = 253402300799
"""9999-12-31T23:59:59Z, the last that RFC 3339 can write."""


def to_container(row: dict[str, Any], *, sized: bool = False) -> Container:
    """One row of a listing. sized: sizes were asked for; the engine leaves out those that are 0.
    KeyError, TypeError, ValueError or AttributeError where it is none."""
    mounts = row.get("Mounts") or []
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    return Container(
        id=text(row["Id"]),
        names=_names(row.get("Names") or []),
        image=text(row["Image"]),
        image_id=text(row["ImageID"]),
        command=text(row["Command"]),
        created=moment(row["Created"]),
        state=text(row["State"]),
        status=text(row["Status"]),
        ports=tuple(_port(port) for port in row.get("Ports") or []),
        labels={text(k): text(v) for k, v in (row.get("Labels") or {}).items()},
        mounts=tuple(text(mount.get("Name") or mount.get("Source") or "") for mount in mounts),
        local_volumes=sum(mount.get("Driver") == "local" for mount in mounts),
        networks=tuple(text(name) for name in networks),
        size=int(row.get("SizeRw") or 0) if sized else None,
        virtual_size=int(row.get("SizeRootFs") or 0) if sized else None,
    )


def inspect(http: Transport, container_id: str, size: bool = False) -> Json:
    """The engine's own answer about a container. size: also how much disk it takes."""
    path, query = container_path(container_id, "json"), {"size": 1} if size else None
    # Sizes are found by walking the container's files.
    within = http.deadlines.change if size else None
    answer = http.ask(path, query, refuse=of_container(container_id), within=within)
    if not isinstance(answer, dict) or "Id" not in answer:
        raise garbage(http.endpoint)
    return answer


def _names(names: list[str]) -> tuple[str, ...]:
    """The engine writes `/name`, and `/other/alias` for a link from another container."""
    stripped = [text(name).removeprefix("/") for name in names]
    return tuple(sorted(stripped, key=lambda name: "/" in name))


def _port(port: dict[str, Any]) -> Port:
    return Port(
        container_port=int(port["PrivatePort"]),
        protocol=text(port["Type"]),
        host_ip=port.get("IP") or None,
        host_port=count(port.get("PublicPort")) or None,
    )


def moment(value: object) -> int:
    """Seconds since the epoch that a calendar has a date for."""
    if not isinstance(value, int) or not 0 <= value <= _LAST_SECOND:
        raise ValueError("not a time")
    return value


def count(value: object) -> int | None:
    """A number; None where `value` is none."""
    return int(value) if isinstance(value, int | float) else None


def text(value: object) -> str:
    """Text; TypeError where `value` is none."""
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
