"""Commands that are imported only when they are named, with contctl's global options on each."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from contctl.commands.app import app_of
from contctl.commands.flags import plain

_OTHER_NAMES = {"list": "ls", "ps": "ls", "remove": "rm"}
"""What docker also calls its container commands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is not loaded yet.

    module: has a function `command`, whose docstring begins with `summary` and a full stop.
    runs_a_process: its exit code is a container's, and contctl's own failures are 125.
    options_first: everything after the first argument belongs to that argument.
    """

    name: str
    module: str
    summary: str
    runs_a_process: bool = False
    options_first: bool = False

    def load(self) -> "LazyCommand":
        """The command itself."""
        module = importlib.import_module(f"contctl.commands.{self.module}")
        single = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        settings = {"allow_interspersed_args": not self.options_first}
        single.command(
            self.name, cls=LazyCommand, context_settings=settings, add_help_option=False
        )(module.command)
        command = get_command(single)
        assert isinstance(command, LazyCommand)  # noqa: S101 - by the line above
        command.runs_a_process = self.runs_a_process
        return command


@dataclass(frozen=True, slots=True)
class Group:
    """A command with commands of its own. aliases: other names of theirs, each with the own one."""

    name: str
    summary: str
    entries: tuple[Entry, ...]
    aliases: tuple[tuple[str, str], ...] = ()

    def load(self) -> "LazyGroup":
        """The group, with its commands still not loaded."""
        return LazyGroup(
            self.name, self.summary, {"Commands": self.entries}, aliases=dict(self.aliases)
        )


class LazyCommand(TyperCommand):
    """A command that takes the global options too, as far as their letters are free."""

    runs_a_process = False

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.params += global_options({opt for param in self.params for opt in param.opts})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note, before a usage error can arise, whose exit codes the command follows."""
        if self.runs_a_process:
            app_of(ctx).options.runs_a_process = True
        return super().parse_args(ctx, _plain(ctx, args, self.params))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The arguments as docker's help shows them: required ones without braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class LazyGroup(TyperGroup):
    """A group that knows its commands' names and summaries, and imports the one that is named."""

    def __init__(
        self,
        name: str,
        summary: str,
        sections: dict[str, tuple[Entry | Group, ...]],
        params: Sequence[Any] = (),
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        options = [*global_options(set()), *params]
        super().__init__(
            name=name,
            help=f"{summary}.",
            params=options,
            rich_markup_mode=None,
            add_help_option=False,
        )
        self._sections = sections
        self._aliases = aliases or {}
        self._entries = {entry.name: entry for part in sections.values() for entry in part}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Without a word the group shows its help, as docker does."""
        if not args and not ctx.resilient_parsing:
            app_of(ctx).terminal.write(ctx.get_help())
            raise typer.Exit
        return super().parse_args(ctx, _plain(ctx, args, self.params))

    def entry(self, name: str) -> Entry | Group | None:
        """The command of that name or alias, not loaded; None if there is none."""
        return self._entries.get(self._aliases.get(name, name))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is typer's
        """All names, in the order of the help page."""
        return list(self._entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is typer's
        """The command of that name, imported now."""
        other = _OTHER_NAMES.get(cmd_name) if self.name == "container" else None
        entry = self._entries.get(other or cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """List the commands without importing any."""
        for title, entries in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.summary) for entry in entries])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take aliases for what they stand for, and offer names that are near an unknown one."""
        args = [self._aliases.get(args[0], args[0]), *args[1:]]
        self.commands = dict.fromkeys(self._entries, self)  # only the names are looked at
        return super().resolve_command(ctx, args)


def _plain(ctx: Any, args: list[str], params: Sequence[Any]) -> list[str]:
    """`args` without docker's forms; as they are where a shell asks how to complete them."""
    if ctx.resilient_parsing:
        return args
    options = [param for param in params if isinstance(param, TyperOption)]
    return plain(args, options, interspersed=ctx.allow_interspersed_args)


def global_options(taken: set[str]) -> list[Any]:
    """The global options, without the names in `taken`; they set fields of the App's options."""
    wanted: tuple[tuple[list[str], str, dict[str, Any], str], ...] = (
        (["--context", "-c"], "context", {"metavar": "NAME"}, "Go to this engine or gateway."),
        (["--debug"], "debug", {"is_flag": True}, "Show the traceback of an error."),
        (["--no-input"], "no_input", {"is_flag": True}, "Never ask; fail instead."),
    )
    options = [
        TyperOption(
            param_decls=[name for name in names if name not in taken] + [f"global_{field}"],
            callback=_setter(field),
            expose_value=False,
            help=text,
            **kind,
        )
        for names, field, kind, text in wanted
        if names[0] not in taken
    ]
    return [*options, _help_option()]


def _help_option() -> Any:
    """Typer's own would write past the streams of the App."""
    return TyperOption(
        param_decls=["--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_help,
        help="Show this message and exit.",
    )


def _show_help(ctx: Any, param: Any, value: bool) -> None:  # noqa: ARG001 - typer's signature
    if value and not ctx.resilient_parsing:
        app_of(ctx).terminal.write(ctx.get_help())
        raise typer.Exit


def _setter(field: str) -> Any:
    def set_option(ctx: Any, param: Any, value: Any) -> None:  # noqa: ARG001 - typer's signature
        if value:
            setattr(app_of(ctx).options, field, value)

    return set_option
