"""What a person should know who handles the session while a CI token is set."""

from contctl.commands.app import App

_VARIABLES = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")


def note_environment_token(app: App) -> None:
    """Say so where a CI token, and not the session, speaks for the other commands."""
    for variable in _VARIABLES:
        if app.terminal.environ.get(variable):
            app.terminal.note(f"warning: {variable} is set, and other commands use its CI token")
