"""contctl audit export."""

import json
from contextlib import closing

import typer

from contctl.commands.app import app_of
from contctl.commands.audit.filters import Since, Until, filter_of
from contctl.commands.output.json_documents import chained_document


def command(ctx: typer.Context, since: Since = None, until: Until = None) -> None:
    """Print the whole audit log as JSON Lines.

    Each line holds all that the record's MAC covers, and the MAC.
    """
    app = app_of(ctx)
    wanted = filter_of(app, since=since, until=until)
    with closing(app.api.audit.export(wanted)) as stream:
        for chained in stream:
            app.terminal.write(json.dumps(chained_document(chained), separators=(",", ":")))
