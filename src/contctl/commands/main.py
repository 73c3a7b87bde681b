"""The root command, and the one place where errors become lines and exit codes."""

import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperOption
from typer.exceptions import TyperException

from contctl import __version__
from contctl.commands.app import App, app_of
from contctl.commands.catalog import SECTIONS
from contctl.commands.completion.installing import completion_options
from contctl.commands.lazy import LazyGroup
from contctl.commands.output.exit_status import ExitStatus, status_of
from contctl.commands.output.terminal import ReaderGone
from contctl.core.errors import ContctlError, ErrorCode

_SUMMARY = "Named accounts, roles and an audit trail in front of containers"


def run(app: App, args: Sequence[str]) -> int:
    """Run one command line; the exit code. Every failure has become lines on standard error."""
    if shell := app.terminal.environ.get("_CONTCTL_COMPLETE"):
        from contctl.commands.completion.answering import complete

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
    try:
        result = root().main(list(args), prog_name="contctl", standalone_mode=False, obj=app)
    except TyperException as error:
        raise _usage_error(error) from error
    except (typer.Abort, EOFError):
        app.terminal.note("")
        return ExitStatus.INTERRUPTED
    return result if isinstance(result, int) else ExitStatus.DONE


def root() -> LazyGroup:
    """The command `contctl`."""
    version = TyperOption(
        param_decls=["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Print the version.",
    )
    params = [version, *completion_options()]
    return LazyGroup("contctl", _SUMMARY, SECTIONS, params)


def _show_version(ctx: Any, param: Any, value: bool) -> None:  # noqa: ARG001 - typer's signature
    if value:
        app_of(ctx).terminal.write(f"contctl {__version__}")
        raise typer.Exit


def _usage_error(error: TyperException) -> ContctlError:
    from contctl.commands.container.refused import reason_against

    ctx = getattr(error, "ctx", None)
    command = ctx.command_path if ctx else "contctl"
    message = error.format_message().rstrip(".")
    hint = f"see '{command} --help'"
    option = getattr(error, "option_name", None)
    if isinstance(option, str) and (why := reason_against(command.partition(" ")[2], option)):
        return ContctlError(ErrorCode.USAGE, f"contctl does not take {option}: {why}", hint=hint)
    return ContctlError(ErrorCode.USAGE, message[:1].lower() + message[1:], hint=hint)


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

    error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
    while error is not None:
        app.terminal.note(type(error).__name__)
        for line in traceback.format_tb(error.__traceback__):
            for part in line.rstrip().splitlines():
                app.terminal.note(part)
        error = error.__cause__ or error.__context__
