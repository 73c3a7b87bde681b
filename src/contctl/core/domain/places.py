"""Which place a command speaks to: an engine, or a gateway. Never a fallback: what is chosen is
used, or the command fails."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from contctl.core.domain.engines import EngineAddress, EngineKind

DEFAULT = "default"
"""The context that is always there: the engine that docker would use without any."""

LOCAL = "local-gateway"
"""The context of this machine's own gateway."""

VARIABLES = "container-host"
"""The context of the Podman engine that `CONTAINER_HOST` names, where it is set."""

LOCAL_SOCKET = "/run/contctl/contctl.sock"

ENGINE_VARIABLES = ("DOCKER_HOST", "CONTAINER_HOST", "DOCKER_CONTEXT")
"""What chooses an engine in the environment; the first two come before the chosen context."""


class Gateway(NamedTuple):
    """address: `unix://` and an absolute path, or `https://` with host and port.  ca: the path of
    a file of certificates to trust instead of the system's; None for those.  engine: the name of
    that one of its engines which commands are for; None for its default."""

    address: str
    ca: str | None = None
    engine: str | None = None


class Contexts(NamedTuple):
    """contctl's own contexts by name, which is in one of the two only, and the one that was chosen,
    which may be docker's."""

    gateways: Mapping[str, Gateway] = MappingProxyType({})
    chosen: str | None = None
    engines: Mapping[str, EngineAddress] = MappingProxyType({})


class Situation(NamedTuple):
    """What the choice depends on.

    option, variable: what `--context` and `CONTCTL_CONTEXT` name; None for nothing.
    engine_variables: which of `ENGINE_VARIABLES` are set, in that order.
    local_socket: the path of this machine's gateway's socket.  is_there: whether something is at
    that path, of whatever kind, or that cannot be told.
    container_host: what `CONTAINER_HOST` names; None for nothing.
    """

    option: str | None = None
    variable: str | None = None
    engine_variables: tuple[str, ...] = ()
    contexts: Contexts = Contexts()
    local_socket: str = LOCAL_SOCKET
    is_there: bool = False
    container_host: str | None = None


class Place(NamedTuple):
    """Where a command goes.

    name: of the context; None where the engine is left to the environment and to docker.
    gateway: None for embedded mode.  reason: why it is this one, in a few words that can stand in
    brackets.  ignored: the engines' variables that are set and do not count.  engine: the one to
    drive; None for a gateway, and where docker knows what the name, or none, stands for.
    """

    name: str | None
    gateway: Gateway | None
    reason: str
    ignored: tuple[str, ...] = ()
    engine: EngineAddress | None = None


def decide(situation: Situation) -> Place:
    """The place that was asked for: by option, by variable, by an engine's variable, by the chosen
    context, by docker. A chosen gateway, or a local one where nothing is chosen, comes before the
    engines' variables."""
    if situation.option:
        return _named(situation, situation.option, "--context")
    if situation.variable:
        return _named(situation, situation.variable, "CONTCTL_CONTEXT is set")
    chosen = situation.contexts.chosen
    if chosen is None and situation.is_there:
        gateway = Gateway(f"unix://{situation.local_socket}")
        reason = "its socket is on this machine, and nothing else is chosen"
        return Place(LOCAL, gateway, reason, situation.engine_variables)
    if chosen is not None:
        place = _named(situation, chosen, "'contctl context use' chose it")
        if place.gateway is not None:
            return Place(place.name, place.gateway, place.reason, situation.engine_variables)
    if "DOCKER_HOST" in situation.engine_variables:
        return Place(None, None, "DOCKER_HOST is set")
    if situation.container_host:
        return _named(situation, VARIABLES, "CONTAINER_HOST is set")
    if chosen is not None:
        return place
    if "DOCKER_CONTEXT" in situation.engine_variables:
        return Place(None, None, "DOCKER_CONTEXT is set")
    return Place(None, None, "docker's own choice, and nothing else is chosen")


def _named(situation: Situation, name: str, reason: str) -> Place:
    """contctl's context of that name, or else docker's."""
    if name == LOCAL:
        return Place(name, Gateway(f"unix://{situation.local_socket}"), reason)
    if name == VARIABLES and situation.container_host:
        engine = EngineAddress(EngineKind.PODMAN, situation.container_host)
        return Place(name, None, reason, engine=engine)
    contexts = situation.contexts
    return Place(name, contexts.gateways.get(name), reason, engine=contexts.engines.get(name))
