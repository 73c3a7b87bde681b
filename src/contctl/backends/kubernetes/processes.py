"""Processes inside pods."""

from collections.abc import Sequence

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found
from contctl.core.api import Duplex
from contctl.core.domain.observed import Processes
from contctl.core.domain.streams import AttachSpec, ExecSpec


def kill(cluster: Cluster, found: Found, signal: str) -> None:
    raise NotImplementedError


def top(cluster: Cluster, found: Found, args: Sequence[str]) -> Processes:
    raise NotImplementedError


def run(cluster: Cluster, found: Found, spec: ExecSpec) -> Duplex:
    raise NotImplementedError


def attach(cluster: Cluster, found: Found, spec: AttachSpec) -> Duplex:
    raise NotImplementedError
