"""contctl session ls."""

from typing import Annotated, Any

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import login_document, print_json
from contctl.commands.output.listing import print_rows
from contctl.commands.output.times import local
from contctl.core.answers import Login

User = Annotated[str | None, typer.Option("--user", metavar="NAME", help="Another user's.")]
_HEADINGS = {
    "ID": "SESSION ID",
    "User": "USER",
    "CreatedAt": "CREATED",
    "RenewedAt": "RENEWED",
    "EndsAt": "ENDS",
    "Current": "CURRENT",
}


def command(
    ctx: typer.Context,
    user: User = None,
    format: Format = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """List live sessions.

    Your own, on every machine; with --user those of another user.
    """
    app = app_of(ctx)
    logins = app.api.logins.list(user)
    if json:
        print_json(app.terminal, {"sessions": [login_document(login) for login in logins]})
        return
    rows = [_row(login) for login in logins]
    print_rows(app.terminal, rows, "{{.ID}}" if quiet else format, _HEADINGS, tuple(_HEADINGS))


def _row(login: Login) -> dict[str, Any]:
    return {
        "ID": login.session_id,
        "User": login.user.name,
        "CreatedAt": local(login.created_at),
        "RenewedAt": local(login.renewed_at),
        "EndsAt": local(login.ends_at),
        "Current": "yes" if login.current else "",
    }
