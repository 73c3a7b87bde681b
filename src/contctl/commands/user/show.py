"""contctl user show."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import account_document, print_json
from contctl.commands.output.table import print_fields
from contctl.commands.output.times import local
from contctl.core.domain.grants import describe

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name, json: Json = False) -> None:
    """Show an account."""
    app = app_of(ctx)
    account = app.api.users.show(name)
    if json:
        print_json(app.terminal, account_document(account))
        return
    fields = {
        "name": account.user.name,
        "state": "enabled" if account.user.enabled else "disabled",
        "created": local(account.user.created_at),
        "id": account.user.id,
    }
    fields |= {
        f"grant {grant.id}": f"{grant.role} on {describe(grant.scope)}" for grant in account.grants
    }
    print_fields(app.terminal, fields)
