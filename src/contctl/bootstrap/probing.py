"""Asking the places that contexts name whether they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.contexts import Kind
from contctl.core.domain.places import LOCAL, LOCAL_SOCKET, Gateway
from contctl.core.services.doctor import certificate_text, engine_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contctl.core.api import Contexts
    from contctl.core.domain.contexts import ListedContext
    from contctl.core.ports import Clock, Engine


class SystemContextProbe:
    """Implements the port `ContextProbe`. option: what `--context` names."""

    def __init__(
        self, contexts: Contexts, option: str | None, environ: Mapping[str, str], clock: Clock
    ) -> None:
        self._contexts = contexts
        self._option = option
        self._environ = environ
        self._clock = clock

    def others(self) -> tuple[ListedContext, ...]:
        """As the port says."""
        return tuple(each for each in self._contexts.list(self._option) if each.reason is None)

    def ask(self, context: ListedContext) -> str:
        """As the port says."""
        if context.kind is Kind.GATEWAY and context.address is not None:
            return _gateway(Gateway(context.address, context.ca), local=context.name == LOCAL)
        return engine_text(self._engine(context).info())

    def _engine(self, context: ListedContext) -> Engine:
        from contctl.bootstrap.engines import ChosenEngine, build, dockers_choice

        if context.engine is None:
            return dockers_choice(self._environ, context.name, self._clock)
        chosen = ChosenEngine(context.engine, f"the context {context.name}")
        return build(chosen, self._environ, self._clock)


def _gateway(gateway: Gateway, *, local: bool) -> str:
    from contctl.backends.gateway.address import parse_address
    from contctl.backends.gateway.probe import ProbingTransport
    from contctl.backends.places import check_local_socket

    if local:
        check_local_socket(LOCAL_SOCKET)
    transport = ProbingTransport(parse_address(gateway.address, gateway.ca))
    info = transport.info()
    ends = certificate_text(transport.certificate_ends())
    return f"contctl {info.version} at {gateway.address}, API {info.api}{ends}"
