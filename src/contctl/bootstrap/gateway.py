"""The composition of a gateway: one authority for each caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from contctl.core.domain.gateway_settings import GatewaySettings
    from contctl.core.ports import (
        Clock,
    )
    from contctl.gateway.app import Gateway
    from contctl.gateway.callers import Caller


from contctl.bootstrap.ports import GatewayPorts


def gateway_app(
    settings: GatewaySettings, clock: Clock
) -> tuple[Gateway, Callable[[ContctlError], None]]:
    """The application of a gateway, and what ends its streams. A store of an older version is
    brought to this one; where there is none yet, callers are told so."""
    from contctl.backends.docker.endpoint import Endpoint
    from contctl.backends.docker.engine import DockerEngine
    from contctl.backends.supervision import PeriodicSupervision
    from contctl.core.domain.ci_tokens import PREFIX, VARIABLE, GivenToken
    from contctl.core.services.served import ServedAuthority
    from contctl.core.services.shared import Shared
    from contctl.core.services.store import upgrade_store
    from contctl.gateway.app import build
    from contctl.gateway.callers import Peer
    from contctl.gateway.limits import peer_key

    endpoint = Endpoint(settings.engine.address, "the gateway's configuration")
    engine = DockerEngine(endpoint, clock, name=settings.engine.name)
    every = GatewayPorts(settings.data, settings.settings, engine, PeriodicSupervision(), clock)
    upgrade_store(Shared(every, lambda: None))
    every.build()

    def authority(caller: Caller) -> ServedAuthority:
        shown, peer = caller.token, peer_key(Peer(caller.uid, caller.address))
        if shown is not None and shown.reveal().startswith(PREFIX):
            ports = every.of(caller.uid, peer, GivenToken(VARIABLE, shown))
            return ServedAuthority(ports, lambda: None)
        return ServedAuthority(every.of(caller.uid, peer, None), lambda: shown)

    app = build(authority, settings.limits)
    return app, app.running.end
