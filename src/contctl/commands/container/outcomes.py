"""Printing how an action on several containers went."""

import typer

from contctl.commands.app import App
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import outcome_document, print_json
from contctl.core.domain.actions import Action, Outcome
from contctl.core.errors import ContctlError


def act(app: App, action: Action, refs: list[str], *, json: bool) -> None:
    """Do `action` to `refs`, print each outcome as it comes, and end with their exit code."""
    outcomes: list[Outcome] = []
    for outcome in app.api.containers.act(action, refs):
        outcomes.append(outcome)
        if not json:
            _print(app, outcome)
    if json:
        print_json(app.terminal, {"outcomes": [outcome_document(each) for each in outcomes]})
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if errors:
        _print_hint(app, errors)
        raise typer.Exit(status_of_all(errors))


def _print(app: App, outcome: Outcome) -> None:
    if outcome.error is not None:
        app.terminal.note(f"error: {outcome.error.message}")
    elif outcome.container_id is None:
        app.terminal.note(f"no such container: {outcome.ref}")
    else:
        app.terminal.line(outcome.ref)


def _print_hint(app: App, errors: list[ContctlError]) -> None:
    hints = list(dict.fromkeys(error.hint for error in errors if error.hint))
    if hints:
        app.terminal.note(f"hint: {hints[0]}")
