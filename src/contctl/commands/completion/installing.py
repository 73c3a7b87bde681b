"""--install-completion and --show-completion."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperOption

from contctl.commands.app import app_of
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from pathlib import Path

    from contctl.commands.app import App

_PLACES = {
    "bash": ".bash_completions/contctl.sh",
    "zsh": ".zfunc/_contctl",
    "fish": ".config/fish/completions/contctl.fish",
}
"""Where each shell's script is kept, below the home folder."""
_LINES = {
    "bash": (".bashrc", "source ~/.bash_completions/contctl.sh"),
    "zsh": (".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
}
"""What has a shell read it where it does not by itself: a file, and its line."""


def completion_options() -> list[Any]:
    """The two options of the root command."""
    install = "Let the shell complete names and options, from its next start on."
    show = "Print the script that does, and install nothing."
    return [
        _option("--install-completion", _install, install),
        _option("--show-completion", _show, show),
    ]


def _option(name: str, callback: Any, text: str) -> Any:
    return TyperOption(
        param_decls=[name],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=callback,
        help=text,
    )


def _show(ctx: Any, param: Any, value: bool) -> None:  # noqa: ARG001 - typer's signature
    if value and not ctx.resilient_parsing:
        from contctl.commands.completion.shells import SCRIPTS

        app = app_of(ctx)
        app.terminal.write(SCRIPTS[_shell(app)].removesuffix("\n"))
        raise typer.Exit


def _install(ctx: Any, param: Any, value: bool) -> None:  # noqa: ARG001 - typer's signature
    if value and not ctx.resilient_parsing:
        from pathlib import Path

        from contctl.commands.completion.shells import SCRIPTS

        app = app_of(ctx)
        shell = _shell(app)
        home = Path(app.terminal.environ.get("HOME") or "/nowhere")
        try:
            _write(home, shell, SCRIPTS[shell])
        except OSError as error:
            message = f"the completion for {shell} cannot be installed: {error.strerror or error}"
            hint = "'contctl --show-completion' prints it, to put where you like"
            raise ContctlError(ErrorCode.FAILED, message, hint=hint) from error
        app.terminal.note(f"{home / _PLACES[shell]} completes contctl from the next {shell} on")
        raise typer.Exit


def _write(home: Path, shell: str, script: str) -> None:
    path = home / _PLACES[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    if shell not in _LINES:
        return
    name, line = _LINES[shell]
    settings = home / name
    known = settings.read_text(errors="replace") if settings.exists() else ""
    if line not in known.splitlines():
        with settings.open("a") as file:
            file.write(f"{line}\n" if not known or known.endswith("\n") else f"\n{line}\n")


def _shell(app: App) -> str:
    """The shell that this was typed in, or the user's own."""
    try:
        with open(f"/proc/{os.getppid()}/comm") as file:
            found = file.read().strip()
    except OSError:
        found = ""
    own = app.terminal.environ.get("SHELL", "").rpartition("/")[2]
    for shell in (found, own):
        if shell in _PLACES:
            return shell
    raise ContctlError(
        ErrorCode.UNSUPPORTED,
        f"no completion for this shell: {found or own or 'unknown'}",
        hint="there is one for bash, zsh and fish; $SHELL names yours",
    )
