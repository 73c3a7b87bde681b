"""The composition of a gateway: one authority for each caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from contctl.bootstrap.ports import GatewayPorts
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from contctl.bootstrap.engines import Builder
    from contctl.core.domain.engines import EngineKind
    from contctl.core.domain.gateway_settings import GatewaySettings, NamedEngine
    from contctl.core.ports import Clock, Engine
    from contctl.gateway.app import Gateway
    from contctl.gateway.callers import Caller


def gateway_app(
    settings: GatewaySettings,
    environ: Mapping[str, str],
    clock: Clock,
    builders: Mapping[EngineKind, Builder] | None = None,
) -> tuple[Gateway, Callable[[ContctlError], None]]:
    """The application of a gateway, and what ends its streams. A store of an older version is
    brought to this one; where there is none yet, callers are told so.

    builders: of engines by their kinds, as `contctl.bootstrap.engines.build` has them.
    """
    from contctl.backends.supervision import PeriodicSupervision
    from contctl.bootstrap.engines import ChosenEngine
    from contctl.bootstrap.engines import build as build_engine
    from contctl.core.domain.ci_tokens import PREFIX, VARIABLE, GivenToken
    from contctl.core.services.served import ServedAuthority
    from contctl.core.services.shared import Shared
    from contctl.core.services.store import upgrade_store
    from contctl.gateway.app import build
    from contctl.gateway.callers import Peer
    from contctl.gateway.limits import peer_key

    def engine_of(named: NamedEngine) -> Engine:
        chosen = ChosenEngine(named.address, "the gateway's configuration", named.name)
        return build_engine(chosen, environ, clock, builders)

    engines = {named.name: engine_of(named) for named in settings.engines}
    every = GatewayPorts(
        settings.data,
        settings.settings,
        engines,
        _default(settings.engines),
        PeriodicSupervision(),
        clock,
    )
    upgrade_store(Shared(every, lambda: None))
    every.build()

    def authority(caller: Caller) -> ServedAuthority:
        shown, peer = caller.token, peer_key(Peer(caller.uid, caller.address))
        if shown is not None and shown.reveal().startswith(PREFIX):
            given = GivenToken(VARIABLE, shown)
            return ServedAuthority(every.of(caller.uid, peer, given, caller.engine), lambda: None)
        return ServedAuthority(every.of(caller.uid, peer, None, caller.engine), lambda: shown)

    app = build(authority, settings.limits)
    return app, app.running.end


def _default(engines: tuple[NamedEngine, ...]) -> str | None:
    marked = engines if len(engines) == 1 else [each for each in engines if each.default]
    return marked[0].name if marked else None
