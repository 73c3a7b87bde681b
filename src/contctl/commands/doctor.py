"""contctl doctor."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.checks import print_checks
from contctl.commands.output.exit_status import ExitStatus
from contctl.core.answers import Level

RepairModes = Annotated[
    bool,
    typer.Option("--repair-modes", help="First take other users' access to contctl's files away."),
]


def command(ctx: typer.Context, repair_modes: RepairModes = False, json: Json = False) -> None:
    """Check this installation.

    Exit code 1 if something failed; a note is no failure.
    """
    app = app_of(ctx)
    if repair_modes:
        for line in app.api.doctor.repair_modes():
            app.terminal.note(line)
    checks = app.api.doctor.examine()
    print_checks(app.terminal, checks, json=json)
    if any(check.level is Level.FAILED for check in checks):
        raise typer.Exit(ExitStatus.FAILED)
