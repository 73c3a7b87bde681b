"""The composition root: the one package that sees all layers. It builds each part on first use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from contctl.bootstrap.machine import LocalClient
from contctl.bootstrap.ports import SystemPorts, places_of
from contctl.commands.app import App, GlobalOptions
from contctl.commands.output.terminal import system_terminal

if TYPE_CHECKING:
    from contctl.core.api import Contctl
    from contctl.core.ports import Clock


def system_app() -> App:
    """The application of this process, on its own streams and environment."""
    terminal = system_terminal()

    def build(options: GlobalOptions) -> Contctl:
        from contctl.core.domain.places import decide

        place = decide(places_of(os.environ).situation(options.context))
        if place.ignored:
            names = " and ".join(place.ignored)
            terminal.note(f"warning: ignoring {names}: commands go to the gateway {place.name}")
        interactive = terminal.stdin_is_tty and not options.no_input
        ports = SystemPorts(
            os.environ, _clock(), context=place.name, interactive=interactive, place=place
        )
        if place.gateway is not None:
            from contctl.bootstrap.client import gateway_contctl

            return gateway_contctl(os.environ, ports, place, place.gateway)
        from contctl.core.services.embedded import EmbeddedContctl

        return EmbeddedContctl(ports)

    return App(terminal, build, lambda: LocalClient(os.environ, _clock()))


def _clock() -> Clock:
    from contctl.backends.clock import SystemClock

    return SystemClock()
