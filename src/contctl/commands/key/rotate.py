"""contctl key rotate."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Emergency = Annotated[
    bool, typer.Option("--emergency", help="Drop the older keys, and end every session.")
]


def command(ctx: typer.Context, emergency: Emergency = False) -> None:
    """Sign tokens with a new key.

    Sessions go on: an older key verifies for as long as a refresh token that it signed may be
    good. After a key was stolen use --emergency: nothing that an older key signed is good any
    more, and everyone has to log in again.
    """
    app = app_of(ctx)
    rotated = app.api.keys.rotate(emergency=emergency)
    note = app.terminal.note
    note(f"tokens are signed with the new key {rotated.key_id}")
    if not emergency:
        note(f"older keys that still verify: {rotated.kept}; dropped: {rotated.dropped}")
        return
    note(f"older keys that were dropped: {rotated.dropped}")
    note(f"sessions that were ended: {rotated.ended}; CI tokens stay good, for no key signs them")
    note("the audit log goes on in a new segment, under a new key")
    note("hint: everyone has to run 'contctl login' now, you too")
