"""contctl auth status."""

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import (
    print_json,
    session_document,
    token_status_document,
)
from contctl.commands.output.table import print_fields
from contctl.commands.output.times import local
from contctl.core.answers import SessionStatus, TokenStatus
from contctl.core.domain.grants import describe
from contctl.core.errors import ContctlError


def command(ctx: typer.Context, json: Json = False) -> None:
    """Show who is logged in, and for how long.

    Exit code 4 if nobody is, or the access token has expired; it says whether that can be renewed.
    With a CI token: whose it is.
    """
    app = app_of(ctx)
    token = app.api.ci_tokens.current()
    if token is not None:
        _show_token(app, token, json=json)
        return
    status = _status(app)
    if json:
        print_json(app.terminal, session_document(status))
        return
    roles = ", ".join(status.roles) or "none"
    fields = {
        "user": status.user.name,
        "roles": roles,
        "access token": f"until {local(status.access_expires_at)}",
        "renewable": f"until {local(status.refresh_expires_at)}",
        "session": f"until {local(status.ends_at)}",
        "tokens kept in": status.store,
        "authority": status.issuer,
    }
    print_fields(app.terminal, fields)


def _status(app: App) -> SessionStatus:
    try:
        return app.api.sessions.status()
    except ContctlError as error:
        if error.reason != "renewable":
            raise
        message = f"{error.message}; it can still be renewed"
        raise ContctlError(error.code, message, hint=error.hint, details=error.details) from error


def _show_token(app: App, status: TokenStatus, *, json: bool) -> None:
    if json:
        print_json(app.terminal, token_status_document(status))
        return
    token = status.token
    fields = {
        "user": status.owner.name,
        "roles": ", ".join(status.roles) or "none",
        "CI token": f"{token.name} in {status.variable}, until {local(token.expires_at)}",
        "at most": f"{token.role} on {describe(token.scope)}",
        "token ID": token.id,
        "authority": status.issuer,
    }
    print_fields(app.terminal, fields)
