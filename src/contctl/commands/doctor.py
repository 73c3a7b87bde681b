"""contctl doctor."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.exit_status import ExitStatus
from contctl.commands.output.json_documents import check_document, print_json
from contctl.core.api import Level

_MARKS = {Level.OK: "ok", Level.NOTE: "note", Level.FAILED: "FAIL"}


def command(ctx: typer.Context, json: Json = False) -> None:
    """Check this installation.

    Exit code 1 if something failed; a note is no failure.
    """
    app = app_of(ctx)
    checks = app.api.doctor.examine()
    if json:
        print_json(app.terminal, {"checks": [check_document(check) for check in checks]})
    else:
        for check in checks:
            app.terminal.line(f"{_MARKS[check.level]:5} {check.name:12} {check.detail}")
            if check.hint:
                app.terminal.line(f"{'':18} hint: {check.hint}")
    if any(check.level is Level.FAILED for check in checks):
        raise typer.Exit(ExitStatus.FAILED)
