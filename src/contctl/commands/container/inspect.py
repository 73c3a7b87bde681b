"""contctl inspect."""

import json as json_format
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Containers, Json
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.template import compile_template, to_json
from contctl.core.domain.containers import Json as Data

Format = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="'json' or a template."),
]


def command(
    ctx: typer.Context, containers: Containers, format: Format = None, json: Json = False
) -> None:
    """Show what the engine knows of containers.

    Values of environment variables are shown to those who hold container:inspect-env.
    """
    app = app_of(ctx)
    answers = app.api.containers.inspect(containers)
    found = [answer.data for answer in answers if answer.data is not None]
    if json:
        print_json(app.terminal, {"containers": found})
    else:
        _print(app, found, format)
    errors = [answer.error for answer in answers if answer.error]
    for error in errors:
        app.terminal.note(f"error: {error.message}")
    if errors:
        raise typer.Exit(status_of_all(errors))


def _print(app: App, found: list[Data], chosen: str | None) -> None:
    if chosen is None:
        app.terminal.write(json_format.dumps(found, indent=4))
    elif chosen == "json":
        app.terminal.line(to_json(found))
    else:
        template = compile_template(chosen, app.terminal.shown)
        for text in [template(data) for data in found]:
            app.terminal.write(text)
