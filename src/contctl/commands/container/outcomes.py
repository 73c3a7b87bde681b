"""Printing how an action on several containers went."""

from collections import Counter
from contextlib import closing

from contctl.commands.app import App
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import outcome_document, print_json
from contctl.commands.output.live_line import LiveLine
from contctl.core.domain.actions import Action, Outcome
from contctl.core.errors import ContctlError

_DOING = {
    "Kill": "killing",
    "Pause": "pausing",
    "Remove": "removing",
    "Restart": "restarting",
    "Start": "starting",
    "Stop": "stopping",
    "Unpause": "unpausing",
    "Update": "updating",
}
_NAMED = 10
"""How many targets a line names."""


def act(app: App, action: Action, refs: list[str], *, json: bool) -> int:
    """Do `action` to `refs`, and print each outcome as it comes; their exit code."""
    outcomes: list[Outcome] = []
    _do(app, action, refs, outcomes, silent=json)
    if json:
        print_json(app.terminal, {"outcomes": [outcome_document(each) for each in outcomes]})
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if errors:
        _print_hint(app, errors)
    return status_of_all(errors)


def _do(
    app: App, action: Action, refs: list[str], outcomes: list[Outcome], *, silent: bool
) -> None:
    """Add to `outcomes` as they come; whatever ends this early, say what is left."""

    doing = _DOING.get(type(action).__name__, "at work")

    def progress() -> str:
        return f"{doing}: {len(outcomes)} of {len(refs)} done"

    with closing(app.api.containers.act(action, refs)) as coming:
        try:
            with LiveLine(app.terminal, progress) as line:
                for outcome in coming:
                    outcomes.append(outcome)
                    with line.aside():
                        for warning in outcome.warnings:
                            app.terminal.note(f"WARNING: {warning}")
                        if not silent:
                            _print(app, outcome)
        except ContctlError as error:
            left = _what_is_left(refs, outcomes)
            raise ContctlError(
                error.code, error.message, hint=left or error.hint, details=error.details
            ) from error
        except BaseException:
            if left := _what_is_left(refs, outcomes):
                app.terminal.note(left)
            raise


def _print(app: App, outcome: Outcome) -> None:
    if outcome.error is not None:
        app.terminal.note(f"error: {outcome.error.message}")
    elif outcome.container_id is None:
        app.terminal.note(f"no such container: {outcome.ref}")
    else:
        app.terminal.line(outcome.ref)


def _what_is_left(refs: list[str], outcomes: list[Outcome]) -> str | None:
    """Which of several targets have no outcome."""
    left = list((Counter(refs) - Counter(outcome.ref for outcome in outcomes)).elements())
    if not left or len(refs) == 1:
        return None
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return (
        f"{len(outcomes)} of {len(refs)} were done or tried;"
        f" under way, or not begun: {', '.join(left[:_NAMED])}{more}"
    )


def _print_hint(app: App, errors: list[ContctlError]) -> None:
    hints = list(dict.fromkeys(error.hint for error in errors if error.hint))
    if hints:
        app.terminal.note(f"hint: {hints[0]}")
