"""contctl store backup."""

from pathlib import Path
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.core.errors import ContctlError, ErrorCode

File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]


def command(ctx: typer.Context, file: File) -> None:
    """Copy the user database into a new file.

    Others may go on using it meanwhile. The copy is checked; a file that exists is never replaced.
    """
    app = app_of(ctx)
    try:
        place = file.absolute()
    except OSError as error:
        raise ContctlError(ErrorCode.USAGE, "the working folder is not there any more") from error
    app.api.maintenance.back_up(place)
    note = app.terminal.note
    note(f"wrote {file}: accounts with their password hashes, sessions, CI tokens, the audit log")
    note("the signing keys in keys/ are not in it: keep a copy of them too, somewhere else")
