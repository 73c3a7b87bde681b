"""contctl events."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.template import compile_template, to_json
from contctl.commands.output.template.values import Struct
from contctl.commands.times import moment
from contctl.core.domain.streams import Event, EventQuery
from contctl.core.errors import ContctlError, ErrorCode

Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", "-f", metavar="KEY=VALUE", help="Only those that fit."),
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="'json', or a template.")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Also those since this time.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="End at this time, or 10m ago.")
]


def command(
    ctx: typer.Context,
    filters: Filter = None,
    format: Format = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
) -> None:
    """Show what happens to containers, as it happens.

    Events of images, networks and volumes are not shown: they belong to no scope.
    """
    app = app_of(ctx)
    if json and until is None:
        raise ContctlError(
            ErrorCode.USAGE,
            "--json prints one document, and without --until there is no end",
            hint="--format json prints a line for each event",
        )
    show, now = _shown_in(app, format), app.client.now()
    query = EventQuery(
        since=None if since is None else moment(since, now),
        until=None if until is None else moment(until, now),
        filters=tuple(_filter(text) for text in filters or ()),
    )
    with closing(app.api.containers.events(query)) as events:
        if json:
            print_json(app.terminal, {"events": [_document(event) for event in events]})
            return
        for event in events:
            app.terminal.write(show(event))


def _filter(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ContctlError(
            ErrorCode.USAGE, f"not a filter: {text!r}", hint="filters are written key=value"
        )
    return key.strip().lower(), value.strip()


def _shown_in(app: App, format: str | None) -> Callable[[Event], str]:
    """How an event becomes a line; ContctlError USAGE for a template that is none."""
    if not format:
        return lambda event: app.terminal.shown(_line(event))
    if format == "json":
        return lambda event: to_json(_message(event).document)
    template = compile_template(format, app.terminal.shown)
    return lambda event: template(_message(event))


def _line(event: Event) -> str:
    """As docker prints it (docker/cli, `cli/command/system/events.go`)."""
    attributes = ", ".join(f"{key}={event.attributes[key]}" for key in sorted(event.attributes))
    end = f" ({attributes})" if attributes else ""
    return f"{_local(event.at)} container {event.action} {event.container_id}{end}"


def _local(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 10**9)
    at = datetime.fromtimestamp(seconds, UTC).astimezone()
    zone = at.strftime("%z")
    return f"{at:%Y-%m-%dT%H:%M:%S}.{rest:09}" + (
        "Z" if zone == "+0000" else f"{zone[:3]}:{zone[3:5]}"
    )


def _message(event: Event) -> Struct:
    """An event as docker's templates and its JSON have it (moby, `api/types/events`)."""
    attributes = {key: event.attributes[key] for key in sorted(event.attributes)}
    image = attributes.get("image", "")
    actor = Struct({"ID": event.container_id, "Attributes": attributes})
    seconds = event.at // 10**9
    return Struct(
        {
            "Status": event.action,
            "ID": event.container_id,
            "From": image,
            "Type": "container",
            "Action": event.action,
            "Actor": actor,
            "Scope": "local",
            "Time": seconds,
            "TimeNano": event.at,
        },
        {
            "status": event.action,
            "id": event.container_id,
            **({"from": image} if image else {}),
            "Type": "container",
            "Action": event.action,
            "Actor": actor,
            "scope": "local",
            "time": seconds,
            "timeNano": event.at,
        },
    )


def _document(event: Event) -> dict[str, object]:
    at = datetime.fromtimestamp(event.at // 10**9, UTC)
    return {
        "at": f"{at:%Y-%m-%dT%H:%M:%S}.{event.at % 10**9:09}Z",
        "action": event.action,
        "id": event.container_id,
        "attributes": event.attributes,
    }
