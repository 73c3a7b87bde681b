"""Containers, events and progress out of the engine's JSON.

Source: Docker Engine API v1.41, `GET /containers/json`, `GET /events`, `POST /images/create`.
"""

from typing import Any

from contctl.core.domain.containers import Container, Port
from contctl.core.domain.streams import Event, Progress


def to_container(row: dict[str, Any], *, sized: bool = False) -> Container:
    """One row of a listing. sized: sizes were asked for; the engine leaves out those that are 0.
    KeyError, TypeError or AttributeError where it is none."""
    mounts = row.get("Mounts") or []
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    return Container(
        id=_text(row["Id"]),
        names=_names(row.get("Names") or []),
        image=_text(row["Image"]),
        image_id=_text(row["ImageID"]),
        command=_text(row["Command"]),
        created=int(row["Created"]),
        state=_text(row["State"]),
        status=_text(row["Status"]),
        ports=tuple(_port(port) for port in row.get("Ports") or []),
        labels={_text(k): _text(v) for k, v in (row.get("Labels") or {}).items()},
        mounts=tuple(_text(mount.get("Name") or mount.get("Source") or "") for mount in mounts),
        local_volumes=sum(mount.get("Driver") == "local" for mount in mounts),
        networks=tuple(_text(name) for name in networks),
        size=int(row.get("SizeRw") or 0) if sized else None,
        virtual_size=int(row.get("SizeRootFs") or 0) if sized else None,
    )


def to_event(document: dict[str, Any]) -> Event:
    """One event. KeyError, TypeError or AttributeError where it is none."""
    actor = document["Actor"]
    return Event(
        at=int(document["timeNano"]),
        action=_text(document["Action"]),
        container_id=_text(actor["ID"]),
        attributes={_text(k): _text(v) for k, v in (actor.get("Attributes") or {}).items()},
    )


def to_progress(document: dict[str, Any]) -> Progress:
    """One line of a pull. TypeError or AttributeError where it is none."""
    detail = document.get("progressDetail") or {}
    return Progress(
        layer=_text(document.get("id") or ""),
        status=_text(document.get("status") or ""),
        current=_count(detail.get("current")),
        total=_count(detail.get("total")),
    )


def _names(names: list[str]) -> tuple[str, ...]:
    """The engine writes `/name`, and `/other/alias` for a link from another container."""
    stripped = [_text(name).removeprefix("/") for name in names]
    return tuple(sorted(stripped, key=lambda name: "/" in name))


def _port(port: dict[str, Any]) -> Port:
    return Port(
        container_port=int(port["PrivatePort"]),
        protocol=_text(port["Type"]),
        host_ip=port.get("IP") or None,
        host_port=_count(port.get("PublicPort")) or None,
    )


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
