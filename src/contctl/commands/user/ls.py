"""contctl user ls."""

from typing import Any

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import account_document, print_json
from contctl.commands.output.listing import print_rows
from contctl.commands.output.times import local
from contctl.core.domain.accounts import Account

_HEADINGS = {
    "ID": "USER ID",
    "Name": "NAME",
    "Roles": "ROLES",
    "State": "STATE",
    "CreatedAt": "CREATED",
}
_FIELDS = ("Name", "Roles", "State", "CreatedAt")


def command(
    ctx: typer.Context, format: Format = None, quiet: Quiet = False, json: Json = False
) -> None:
    """List the accounts."""
    app = app_of(ctx)
    accounts = list(app.api.users.list())
    if json:
        print_json(app.terminal, {"users": [account_document(account) for account in accounts]})
        return
    rows = [_row(account) for account in accounts]
    print_rows(app.terminal, rows, "{{.Name}}" if quiet else format, _HEADINGS, _FIELDS)


def _row(account: Account) -> dict[str, Any]:
    return {
        "ID": account.user.id,
        "Name": account.user.name,
        "Roles": ",".join(dict.fromkeys(grant.role for grant in account.grants)),
        "State": "enabled" if account.user.enabled else "disabled",
        "CreatedAt": local(account.user.created_at),
    }
