"""What a caller is shown of what happens to containers."""

from dataclasses import replace

from contctl.core.api import Stream
from contctl.core.domain.containers import public_labels
from contctl.core.domain.grants import Subject, allows
from contctl.core.domain.roles import Permission
from contctl.core.domain.streams import Event, EventQuery
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.standing import Standing
from contctl.core.services.streams import Mapped, Selected

_OF_EXECS = ("exec_create: ", "exec_start: ")
"""How docker begins an action that goes on with a command line (moby, `daemon/exec.go`)."""


def check_query(query: EventQuery) -> None:
    """USAGE where `query` asks for what happens to other things than containers: the engine would
    answer that beside, and it has no place in a scope."""
    for key, value in query.filters:
        if key == "type" and value != "container":
            raise ContctlError(ErrorCode.USAGE, f"not events that contctl shows: {value!r}")
        # The engine would compare it with what the caller may not see.
        if key == "event" and value.startswith("exec_") and ":" in value:
            raise ContctlError(
                ErrorCode.USAGE,
                "events are not looked for by the command line of an exec",
                hint=f"filter by event={value.partition(':')[0]}",
            )


def for_caller(events: Stream[Event], standing: Standing, engine: str) -> Stream[Event]:
    """Those of `events` that are in the caller's scope at the time, without contctl's own labels,
    and without the command lines of execs where the caller may not see what may hold secrets.

    engine: the name of the engine that they come from.
    """

    def may(permission: Permission, event: Event) -> bool:
        subject = Subject(event.attributes.get("name", ""), event.attributes, engine)
        return allows(standing.caller.grants, permission, subject)

    def shown(event: Event) -> Event:
        event = replace(event, attributes=public_labels(event.attributes))
        if event.action.startswith(_OF_EXECS) and not may(Permission.INSPECT_ENV, event):
            return replace(event, action=f"{event.action.partition(':')[0]}: ***")
        return event

    in_scope: Selected[Event] = Selected(events, lambda event: may(Permission.EVENTS, event))
    return Mapped(in_scope, shown)
