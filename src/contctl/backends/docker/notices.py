"""Events and progress out of the engine's JSON.

Source: Docker Engine API v1.41, `GET /events` and `POST /images/create`.
"""

from typing import Any

from contctl.backends.docker.listing import count, text
from contctl.core.domain.streams import Event, Progress


def to_event(document: dict[str, Any]) -> Event:
    """One event. KeyError, TypeError or AttributeError where it is none."""
    actor = document["Actor"]
    return Event(
        at=int(document["timeNano"]),
        action=text(document["Action"]),
        container_id=text(actor["ID"]),
        attributes={text(k): text(v) for k, v in (actor.get("Attributes") or {}).items()},
    )


def to_progress(document: dict[str, Any]) -> Progress:
    """One line of a pull. TypeError or AttributeError where it is none."""
    detail = document.get("progressDetail") or {}
    return Progress(
        layer=text(document.get("id") or ""),
        status=text(document.get("status") or ""),
        current=count(detail.get("current")),
        total=count(detail.get("total")),
    )
