"""contctl wait."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Containers, Json
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import exited_document, print_json
from contctl.core.domain.streams import Condition, Exited

ExitCode = Annotated[
    bool,
    typer.Option(
        "--exit-code", help="End with the first exit code that is not 0, in the order given."
    ),
]
_AT_ONCE = 50
"""For how many is waited at once."""
_LARGEST_CODE = 255


def command(
    ctx: typer.Context, containers: Containers, exit_code: ExitCode = False, json: Json = False
) -> None:
    """Wait until containers stop, and print their exit codes.

    With --exit-code, what could not be waited for decides first: 3 for one that is not there.
    """
    app = app_of(ctx)
    ends = []
    for end in _in_order(app, containers):
        ends.append(end)
        if not json:
            _print(app, end)
    if json:
        print_json(app.terminal, {"exits": [exited_document(end) for end in ends]})
    errors = [end.error for end in ends if end.error is not None]
    if errors:
        raise typer.Exit(status_of_all(errors))
    if exit_code:
        raise typer.Exit(next((_status(end) for end in ends if end.code), 0))


def _in_order(app: App, refs: Sequence[str]) -> Iterator[Exited]:
    """How each of `refs` ended, in their order, as soon as it and those before it have."""
    for first in range(0, len(refs), _AT_ONCE):
        some = refs[first : first + _AT_ONCE]
        left, come = list(some), dict[str, Exited]()
        with closing(app.api.containers.wait(some, Condition.NOT_RUNNING)) as ends:
            for end in ends:
                come[end.ref] = end
                while left and left[0] in come:
                    yield come[left.pop(0)]


def _print(app: App, end: Exited) -> None:
    if end.error is not None:
        app.terminal.note(f"error: {end.error.message}")
    else:
        app.terminal.line(str(end.code))


def _status(end: Exited) -> int:
    """What a process can end with."""
    return end.code if end.code is not None and 0 <= end.code <= _LARGEST_CODE else _LARGEST_CODE
