"""What every command gets: the inbound port, the streams, and the global options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from contctl.commands.output.terminal import Terminal
    from contctl.core.api import Contctl, Contexts, GatewayInstaller
    from contctl.core.domain.secret import Secret


@dataclass(slots=True)
class GlobalOptions:
    """Options that every command takes; the parser sets them.

    runs_a_process: set by commands whose exit code is a container's.
    """

    context: str | None = None
    debug: bool = False
    no_input: bool = False
    runs_a_process: bool = False


class Client(Protocol):
    """What belongs to the caller's own machine, beside the inbound port."""

    def registry_auth(self, image: str) -> Secret | None:
        """The caller's credentials for the image's registry, as docker's JSON."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def default_username(self) -> str:
        """A name to offer for a first account."""

    @property
    def contexts(self) -> Contexts:
        """The places that commands can go to, whether the chosen one is there or not."""

    def gateway_installer(self) -> GatewayInstaller:
        """What installs the gateway."""

    def serve_gateway(self, config: Path | None) -> int:
        """Be a gateway, by the configuration file `config` or the usual one, until a signal ends
        it; the exit code."""


class App:
    """The context object of one run. Nothing is built, and nothing opened, before it is used."""

    def __init__(
        self,
        terminal: Terminal,
        build: Callable[[GlobalOptions], Contctl],
        client: Callable[[], Client],
    ) -> None:
        self.terminal = terminal
        self.options = GlobalOptions()
        self._build = build
        self._client = client

    @cached_property
    def api(self) -> Contctl:
        """What contctl can do, for the caller of this process."""
        return self._build(self.options)

    @cached_property
    def client(self) -> Client:
        """The caller's own machine."""
        return self._client()

    @property
    def may_ask(self) -> bool:
        """Whether there is a person to ask."""
        return self.terminal.stdin_is_tty and not self.options.no_input

    def confirm(self, question: str) -> bool:
        """Whether the person answers yes; anything else, and the end of input, is a no. USAGE where
        nobody is to be asked."""
        if not self.may_ask:
            raise ContctlError(
                ErrorCode.USAGE, "nobody can be asked whether this is meant", hint="use --force"
            )
        try:
            answer = self.terminal.ask(f"{question} [y/N] ")
        except EOFError:
            self.terminal.note("")
            return False
        return answer.lower() in ("y", "yes")


def app_of(ctx: typer.Context) -> App:
    """The context object that `ctx` carries."""
    return cast(App, ctx.obj)
