"""contctl token ls."""

from typing import Annotated, Any

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import print_json, token_document
from contctl.commands.output.listing import print_rows
from contctl.commands.output.times import local
from contctl.core.answers import OwnedToken
from contctl.core.domain.grants import describe

User = Annotated[str | None, typer.Option("--user", metavar="NAME", help="Another user's.")]
_HEADINGS = {
    "ID": "TOKEN ID",
    "Name": "NAME",
    "User": "USER",
    "Role": "ROLE",
    "Scope": "SCOPE",
    "CreatedAt": "CREATED",
    "ExpiresAt": "EXPIRES",
}


def command(
    ctx: typer.Context,
    user: User = None,
    format: Format = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """List the tokens that are good.

    Your own; with --user those of another user. Expired and revoked ones are left out.
    """
    app = app_of(ctx)
    tokens = app.api.ci_tokens.list(user)
    if json:
        print_json(
            app.terminal, {"tokens": [token_document(each.token, each.owner) for each in tokens]}
        )
        return
    rows = [_row(token) for token in tokens]
    print_rows(app.terminal, rows, "{{.ID}}" if quiet else format, _HEADINGS, tuple(_HEADINGS))


def _row(owned: OwnedToken) -> dict[str, Any]:
    token = owned.token
    return {
        "ID": token.id,
        "Name": token.name,
        "User": owned.owner.name,
        "Role": token.role,
        "Scope": describe(token.scope),
        "CreatedAt": local(token.created_at),
        "ExpiresAt": local(token.expires_at),
    }
