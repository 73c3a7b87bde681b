"""What `contctl start`, `stop`, `restart` and `kill` do, read without typer."""

from contctl.commands.app import App
from contctl.commands.container.outcomes import act
from contctl.commands.quick import Change
from contctl.core.domain.actions import Action, Kill, Restart, Start, Stop


def make_change(app: App, asked: Change) -> int:
    """Do what is `asked`; the exit code."""
    return act(app, _action(asked), list(asked.refs), json=False)


def _action(asked: Change) -> Action:
    if asked.action == "stop":
        return Stop(asked.grace)
    if asked.action == "restart":
        return Restart(asked.grace)
    return Start() if asked.action == "start" else Kill()
