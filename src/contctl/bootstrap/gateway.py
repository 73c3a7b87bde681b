"""The composition of a gateway: one authority for each caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from contctl.bootstrap.ports import GatewayPorts
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from contctl.core.domain.gateway_settings import GatewaySettings, NamedEngine
    from contctl.core.ports import Clock, Engine
    from contctl.gateway.app import Gateway
    from contctl.gateway.callers import Caller


def engine_of(named: NamedEngine, clock: Clock) -> Engine:
    """The engine that the configuration names; it is not asked anything yet."""
    from contctl.backends.docker.endpoint import Endpoint
    from contctl.backends.docker.engine import DockerEngine

    endpoint = Endpoint(named.address.host or "", "the gateway's configuration")
    return DockerEngine(endpoint, clock, name=named.name)


def gateway_app(
    settings: GatewaySettings,
    clock: Clock,
    engine_of: Callable[[NamedEngine, Clock], Engine] = engine_of,
) -> tuple[Gateway, Callable[[ContctlError], None]]:
    """The application of a gateway, and what ends its streams. A store of an older version is
    brought to this one; where there is none yet, callers are told so."""
    from contctl.backends.supervision import PeriodicSupervision
    from contctl.core.domain.ci_tokens import PREFIX, VARIABLE, GivenToken
    from contctl.core.services.served import ServedAuthority
    from contctl.core.services.shared import Shared
    from contctl.core.services.store import upgrade_store
    from contctl.gateway.app import build
    from contctl.gateway.callers import Peer
    from contctl.gateway.limits import peer_key

    engines = {named.name: engine_of(named, clock) for named in settings.engines}
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
