"""Engines: their kinds, where they are, and what one of them cannot do."""

from enum import StrEnum
from typing import NamedTuple

from contctl.core.errors import ContctlError, ErrorCode


class EngineKind(StrEnum):
    """What an engine speaks."""

    DOCKER = "docker"
    PODMAN = "podman"
    KUBERNETES = "kubernetes"


class EngineAddress(NamedTuple):
    """Where an engine is.

    host: of a Docker or Podman engine, with its scheme; None where its kind has a usual place.
    tls: the folder of `ca.pem`, `cert.pem` and `key.pem` for a `tcp://` host; None for no TLS.
    kube_context, namespace: of a cluster; None for what its kubeconfig says.
    """

    kind: EngineKind
    host: str | None = None
    tls: str | None = None
    kube_context: str | None = None
    namespace: str | None = None


def cannot(operation: str, reason: str) -> ContctlError:
    """For what an engine cannot do. operation: a verb."""
    return ContctlError(ErrorCode.UNSUPPORTED, f"this engine cannot {operation}: {reason}")
