"""contctl token create."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json, token_document
from contctl.commands.output.times import local
from contctl.commands.scopes import Engine, Labels, Names, scope_of
from contctl.core.domain.durations import parse_duration
from contctl.core.domain.grants import describe
from contctl.core.domain.roles import Role

TokenName = Annotated[str, typer.Argument(metavar="TOKEN-NAME", show_default=False)]
RoleOption = Annotated[
    Role,
    typer.Option("--role", help="What it may do at most; with admin as much as you may."),
]
Expires = Annotated[
    str,
    typer.Option("--expires", metavar="DURATION", help="How long it is good; 90d at most."),
]


def command(
    ctx: typer.Context,
    name: TokenName,
    role: RoleOption = Role.ADMIN,
    names: Names = None,
    labels: Labels = None,
    engine: Engine = None,
    expires: Expires = "30d",
    json: Json = False,
) -> None:
    """Make a token for a CI job or a script.

    Prints it, once. Set as CONTCTL_TOKEN, or kept in a file that CONTCTL_TOKEN_FILE names, it acts
    for you without a session: with this role, on the containers in the scope that the options
    describe, and never with more rights than you have at that moment.
    """
    app = app_of(ctx)
    scope = scope_of(names, labels, engine)
    made = app.api.ci_tokens.create(name, role, scope, parse_duration(expires))
    token = made.token
    until = local(token.expires_at)
    app.terminal.note(
        f"made the token {name} with the ID {token.id}: {token.role} on {describe(token.scope)},"
        f" until {until}; it is not shown again"
    )
    if json:
        document = token_document(token, made.owner) | {"token": made.text.reveal()}
        print_json(app.terminal, document)
    else:
        app.terminal.line(made.text.reveal())
