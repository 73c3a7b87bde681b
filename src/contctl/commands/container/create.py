"""contctl create."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.create_options import CREATE
from contctl.commands.container.given import Given, takes
from contctl.commands.container.making import create
from contctl.commands.container.spec import asked_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json

Image = Annotated[str, typer.Argument(metavar="IMAGE", show_default=False)]
Argv = Annotated[list[str] | None, typer.Argument(metavar="[COMMAND] [ARG...]", show_default=False)]


@takes(CREATE)
def command(
    ctx: typer.Context, image: Image, argv: Argv = None, json: Json = False, **options: object
) -> None:
    """Make a container without starting it.

    An image that the engine does not have is pulled first.
    """
    app = app_of(ctx)
    asked = asked_of(Given(options, CREATE), image, argv or [], app.terminal.environ)
    created = create(app, asked)
    if json:
        print_json(app.terminal, {"id": created.id, "warnings": list(created.warnings)})
    else:
        app.terminal.line(created.id)
