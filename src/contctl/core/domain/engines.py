"""Engines: their kinds, where they are, and what one of them cannot do."""

import re
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


ENGINE_NAME = "[a-z0-9][a-z0-9._-]{0,63}"
"""A regular expression of the names that a gateway's engines may have."""
ENGINE_NAMES = "engines are named as users are: 1 to 64 of a-z 0-9 . _ -"


def is_engine_name(text: str) -> bool:
    """Whether a gateway's engine may be named so."""
    return re.fullmatch(ENGINE_NAME, text, re.ASCII) is not None


class EngineChoice(NamedTuple):
    """Which engine of a gateway a request is for.

    asked: the name that it says; None where it leaves that to the gateway.
    names: of all that there are.  default: for who says none; None where there is no such.
    """

    asked: str | None
    names: tuple[str, ...]
    default: str | None


class EngineInfo(NamedTuple):
    """An engine that answered. address: where it listens; reason: why this one was chosen."""

    product: str
    version: str
    address: str
    reason: str


def cannot(operation: str, reason: str) -> ContctlError:
    """For what an engine cannot do. operation: a verb."""
    return ContctlError(ErrorCode.UNSUPPORTED, f"this engine cannot {operation}: {reason}")
