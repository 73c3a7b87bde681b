"""The root command: a command line as typer reads it."""

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
from contctl.commands.output.exit_status import ExitStatus
from contctl.core.errors import ContctlError, ErrorCode

_SUMMARY = "Named accounts, roles and an audit trail in front of containers"


def run_command_line(app: App, args: Sequence[str]) -> int:
    """Run `args`, a command line after `contctl`; the exit code. ContctlError USAGE for one that is
    none."""
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
