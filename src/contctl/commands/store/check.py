"""contctl store check."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.checks import print_checks
from contctl.commands.output.exit_status import ExitStatus
from contctl.core.answers import Level

Migrate = Annotated[
    bool, typer.Option("--migrate", help="First bring a store of an older contctl to this version.")
]


def command(ctx: typer.Context, migrate: Migrate = False, json: Json = False) -> None:
    """Check the user database, its files and its keys.

    It needs no session, and without --migrate it changes nothing. Exit code 9 if something failed.
    """
    app = app_of(ctx)
    upgraded = app.api.maintenance.upgrade() if migrate else None
    if upgraded is not None:
        app.terminal.note(f"migrated the store from version {upgraded.before} to {upgraded.after}")
        app.terminal.note(f"the store as it was is in {upgraded.copy}")
    checks = app.api.maintenance.examine()
    print_checks(app.terminal, checks, json=json)
    if any(check.level is Level.FAILED for check in checks):
        raise typer.Exit(ExitStatus.STORE)
