"""contctl commit."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json
from contctl.core.domain.transfers import CommitSpec

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Reference = Annotated[str, typer.Argument(metavar="[REPOSITORY[:TAG]]", show_default=False)]
Author = Annotated[str, typer.Option("--author", "-a", metavar="TEXT", help="Who made it.")]
Change = Annotated[
    list[str] | None,
    typer.Option("--change", "-c", metavar="INSTRUCTION", help="A Dockerfile's instruction."),
]
Message = Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What it is for.")]
Pause = Annotated[
    bool, typer.Option("--pause/--no-pause", "-p", help="Let it stand still meanwhile.")
]


def command(
    ctx: typer.Context,
    container: Container,
    reference: Reference = "",
    author: Author = "",
    change: Change = None,
    message: Message = "",
    pause: Pause = True,
    json: Json = False,
) -> None:
    """Make an image of a container.

    It has the container's labels, contctl's own without their values.
    """
    app = app_of(ctx)
    spec = CommitSpec(reference, message, author, pause, tuple(change or ()))
    image = app.api.containers.commit(container, spec)
    if json:
        print_json(app.terminal, {"id": image})
    else:
        app.terminal.line(image)
