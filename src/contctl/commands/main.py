"""The one place where errors become lines and exit codes."""

from collections.abc import Sequence

from contctl.commands.app import App
from contctl.commands.output.exit_status import ExitStatus, status_of
from contctl.commands.output.terminal import ReaderGone
from contctl.commands.quick import Listing, read_quickly
from contctl.core.errors import ContctlError


def run(app: App, args: Sequence[str]) -> int:
    """Run one command line; the exit code. Every failure has become lines on standard error."""
    if shell := app.terminal.environ.get("_CONTCTL_COMPLETE"):
        from contctl.commands.completion.answering import complete
        from contctl.commands.root import root

        return complete(app, root(), shell, args)
    try:
        return _run(app, args)
    except ContctlError as error:
        return _report(app, error)
    except (ReaderGone, BrokenPipeError):
        return ExitStatus.CLOSED_PIPE
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary: what is not expected is a bug
        return _report_bug(app, error)


def _run(app: App, args: Sequence[str]) -> int:
    line = read_quickly(args)
    if line is None:
        from contctl.commands.root import run_command_line

        return run_command_line(app, args)
    app.options.context, app.options.no_input = line.context, line.no_input
    if not isinstance(line.asked, Listing):
        from contctl.commands.container.changed import make_change

        return make_change(app, line.asked)
    from contctl.commands.container.listed import show_listing

    show_listing(app, line.asked)
    return ExitStatus.DONE


def _report(app: App, error: ContctlError) -> int:
    if app.options.debug:
        _print_traceback(app)
    runs_a_process = app.options.runs_a_process
    kind = f"[{error.code}]" if runs_a_process else ""
    app.terminal.note(f"error{kind}: {error.message}")
    if error.hint:
        app.terminal.note(f"hint: {error.hint}")
    return status_of(error, runs_a_process=runs_a_process)


def _report_bug(app: App, error: Exception) -> int:
    if app.options.debug:
        _print_traceback(app)
    kind = "[bug]" if app.options.runs_a_process else ""
    app.terminal.note(f"error{kind}: contctl has a bug: {type(error).__name__}")
    if not app.options.debug:
        app.terminal.note("hint: run the command again with --debug and report what it prints")
    return ExitStatus.NOT_RUN if app.options.runs_a_process else ExitStatus.BUG


def _print_traceback(app: App) -> None:
    """Where the error arose. Messages of foreign exceptions could hold secrets: only types are
    shown."""
    import sys
    import traceback

    error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
    while error is not None:
        app.terminal.note(type(error).__name__)
        for line in traceback.format_tb(error.__traceback__):
            for part in line.rstrip().splitlines():
                app.terminal.note(part)
        error = error.__cause__ or error.__context__
