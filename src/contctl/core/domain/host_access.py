"""Whether a user of a host could pass a gateway by."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ENGINE_SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
)
"""Where engines that run as root listen."""

POWERFUL_GROUPS = ("docker", "root", "sudo", "wheel", "lxd", "disk")
"""Whoever is in one of these is root, or can become it."""

STORE_FOLDER = "/var/lib/contctl"
"""Where a gateway has its database and keys, if it was not told otherwise."""


class Access(StrEnum):
    """What came of opening something. ABSENT: nothing is there."""

    OPEN = "open"
    DENIED = "denied"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class GatewayInfo:
    """version: of its contctl.  api: the number of its interface."""

    version: str
    api: int


def host_of(address: str) -> str | None:
    """The host in `tcp://host:port` and the like, in lower case; None for a socket's address."""
    scheme, _, rest = address.partition("://")
    if scheme in ("unix", "fd", "npipe") or not rest:
        return None
    authority = rest.partition("/")[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower()


def is_this_host(host: str | None) -> bool:
    """Whether `host` names this machine whatever a name server says; None stands for a socket."""
    return host is None or host in ("localhost", "::1") or host.startswith("127.")


def sockets_of(addresses: Sequence[str]) -> tuple[str, ...]:
    """The paths of the well-known engines' sockets, and of those among `addresses`."""
    named = (each.removeprefix("unix://") for each in addresses if each.startswith("unix:///"))
    return tuple(dict.fromkeys((*ENGINE_SOCKETS, *named)))
