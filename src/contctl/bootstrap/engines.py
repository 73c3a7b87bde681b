"""The engines that can be driven: one builder for each kind, which alone imports its adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.ports import Clock, Engine


class ChosenEngine(NamedTuple):
    """address: where it is.  reason: why it is this one, in a few words that can stand in brackets.
    name: under which the authority knows it; None: the engine's own."""

    address: EngineAddress
    reason: str
    name: str | None = None


Builder = Callable[[ChosenEngine, Mapping[str, str], "Clock"], "Engine"]


def build(
    chosen: ChosenEngine,
    environ: Mapping[str, str],
    clock: Clock,
    builders: Mapping[EngineKind, Builder] | None = None,
) -> Engine:
    """The engine, which is not asked anything yet. UNSUPPORTED where this installation lacks what
    its kind needs; STORE for an address or keys that cannot be used.

    builders: the engines by their kinds; None for those below.
    """
    from contctl.core.domain.engine_addresses import check_engine

    try:
        checked = chosen._replace(address=check_engine(chosen.address))
    except ContctlError as error:
        message = f"{error.message} ({chosen.reason})"
        raise ContctlError(ErrorCode.STORE, message, hint=error.hint) from None
    return (builders or BUILDERS)[checked.address.kind](checked, environ, clock)


def dockers_choice(environ: Mapping[str, str], context: str | None, clock: Clock) -> Engine:
    """The engine that docker would use. context: one of docker's own; None for what the environment
    and docker's configuration say."""
    from contctl.backends.docker.endpoint import choose_endpoint
    from contctl.backends.docker.engine import DockerEngine

    return DockerEngine(choose_endpoint(environ, context), clock)


def _docker(chosen: ChosenEngine, environ: Mapping[str, str], clock: Clock) -> Engine:
    from dataclasses import replace

    from contctl.backends.docker.endpoint import choose_endpoint
    from contctl.backends.docker.engine import DockerEngine

    host, tls = chosen.address.host, chosen.address.tls
    keys = {"DOCKER_TLS_VERIFY": "1" if tls else "", "DOCKER_CERT_PATH": tls or ""}
    # Said in docker's own variables, so that there is one way to read an address and its keys.
    endpoint = choose_endpoint({**environ, "DOCKER_HOST": host or "unix://", **keys}, None)
    return DockerEngine(replace(endpoint, reason=chosen.reason), clock, name=chosen.name)


def _podman(chosen: ChosenEngine, environ: Mapping[str, str], clock: Clock) -> Engine:
    from contctl.backends.podman.engine import (
        podman_engine,
    )

    engine: Engine = podman_engine(chosen.address, chosen.reason, environ, clock, name=chosen.name)
    return engine


def _kubernetes(chosen: ChosenEngine, environ: Mapping[str, str], clock: Clock) -> Engine:
    from importlib.util import find_spec

    if find_spec("kubernetes") is None:
        raise ContctlError(
            ErrorCode.UNSUPPORTED,
            "Kubernetes needs its extra, which is not installed",
            hint="run: pip install 'contctl[kubernetes]'",
        )
    from contctl.backends.kubernetes.engine import (
        KubernetesEngine,
    )

    engine: Engine = KubernetesEngine(
        chosen.address, chosen.reason, environ, clock, name=chosen.name
    )
    return engine


BUILDERS: Mapping[EngineKind, Builder] = MappingProxyType(
    {
        EngineKind.DOCKER: _docker,
        EngineKind.PODMAN: _podman,
        EngineKind.KUBERNETES: _kubernetes,
    }
)
