"""contctl diff."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Container, Json
from contctl.commands.output.json_documents import print_json


def command(ctx: typer.Context, container: Container, json: Json = False) -> None:
    """Show which files of a container differ from its image.

    A stands for added, C for changed, D for deleted.
    """
    app = app_of(ctx)
    changes = app.api.containers.changes(container)
    if json:
        found = [{"kind": str(change.kind), "path": change.path} for change in changes]
        print_json(app.terminal, {"changes": found})
        return
    lines = [f"{change.kind[0].upper()} {app.terminal.shown(change.path)}" for change in changes]
    if lines:
        app.terminal.write("\n".join(lines))
