"""contctl container prune."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Json
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.times import size
from contctl.core.domain.transfers import Pruned, PruneQuery
from contctl.core.errors import ContctlError, ErrorCode

_WARNING = "WARNING! This will remove all stopped containers."
_QUESTION = "Are you sure you want to continue?"
_DIGITS = 4

Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="KEY=VALUE", help="'until=TIME', 'label=…' or 'label!=…'."),
]
Force = Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")]


def command(
    ctx: typer.Context, filter_: Filter = None, force: Force = False, json: Json = False
) -> None:
    """Remove all stopped containers.

    Only those that the caller's grants reach, each recorded.
    """
    app = app_of(ctx)
    query = _query(filter_ or [], app.client.now())
    if not force and not _confirmed(app):
        app.terminal.note("container prune has been cancelled")
        return
    _print(app, app.api.containers.prune(query), json=json)


def _confirmed(app: App) -> bool:
    if app.may_ask:
        app.terminal.note(_WARNING)
    return app.confirm(_QUESTION)


def _query(filters: list[str], now: float) -> PruneQuery:
    from contctl.commands.times import moment

    until: list[float] = []
    labels: list[str] = []
    without: list[str] = []
    for text in filters:
        key, equals, value = text.partition("=")
        key = key.strip().lower()
        if not equals:
            raise ContctlError(ErrorCode.USAGE, f"invalid argument {text!r} for --filter")
        if key == "until":
            until.append(moment(value.strip(), now))
        elif key in ("label", "label!"):
            (labels if key == "label" else without).append(value.strip())
        else:
            raise ContctlError(ErrorCode.USAGE, f"invalid filter '{key}'")
    if len(until) > 1:
        raise ContctlError(ErrorCode.USAGE, "more than one until filter specified")
    return PruneQuery(until[0] if until else None, tuple(labels), tuple(without))


def _print(app: App, pruned: Pruned, *, json: bool) -> None:
    if json:
        print_json(app.terminal, {"deleted": list(pruned.ids), "reclaimed": pruned.reclaimed})
    else:
        if pruned.ids:
            app.terminal.line("Deleted Containers:")
            for container_id in pruned.ids:
                app.terminal.line(container_id)
            app.terminal.line("")
        app.terminal.line(f"Total reclaimed space: {size(pruned.reclaimed, _DIGITS)}")
    for error in pruned.errors:
        app.terminal.note(f"error: {error.message}")
    if pruned.errors:
        raise typer.Exit(status_of_all(list(pruned.errors)))
