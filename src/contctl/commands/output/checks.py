"""A diagnosis, in lines or as a document."""

from contctl.commands.output.json_documents import check_document, print_json
from contctl.commands.output.terminal import Terminal
from contctl.core.answers import Check, Level

_MARKS = {Level.OK: "ok", Level.NOTE: "note", Level.FAILED: "FAIL"}


def print_checks(terminal: Terminal, checks: tuple[Check, ...], *, json: bool) -> None:
    """Print every check, one a line."""
    if json:
        print_json(terminal, {"checks": [check_document(check) for check in checks]})
        return
    for check in checks:
        terminal.line(f"{_MARKS[check.level]:5} {check.name:12} {check.detail}")
        if check.hint:
            terminal.line(f"{'':18} hint: {check.hint}")
