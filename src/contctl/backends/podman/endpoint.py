"""Where Podman listens.

Source: podman-system-service(1), "Run the command in a systemd service".
"""

import os
import stat
from collections.abc import Mapping

from contctl.backends.docker.endpoint import Endpoint
from contctl.core.domain.engines import EngineAddress
from contctl.core.errors import ContctlError, ErrorCode

ROOTFUL = "/run/podman/podman.sock"
_USUAL = "unix://"
"""A socket of no path is the usual one."""


def podman_endpoint(address: EngineAddress, reason: str, environ: Mapping[str, str]) -> Endpoint:
    """The Podman that `address` names; where it names none, this user's own if it listens, else
    the one of root.

    ContctlError STORE for an address that is none of a Podman.
    """
    if address.host and address.host != _USUAL:
        tls = Path(address.tls) if address.tls else None
        return replace(checked_endpoint(address.host, reason, tls), program="podman")
    own = _rootless(environ)
    if own is not None and _is_socket(own):
        return Endpoint(f"unix://{own}", f"{reason}; the socket of this user's own Podman")
    return Endpoint(f"unix://{ROOTFUL}", f"{reason}; the socket of root's Podman")


def _named(host: str, reason: str) -> Endpoint:
    if not host.startswith(_SCHEMES):
        raise ContctlError(
            ErrorCode.STORE,
            f"not a Podman's address: {host!r} ({reason})",
            hint=f"an address looks like unix://{ROOTFUL} or ssh://user@host{ROOTFUL}",
        )
    path = host.removeprefix("unix://")
    if path != host and (not path.startswith("/") or "\0" in path):
        raise ContctlError(ErrorCode.STORE, f"not an absolute path: {host!r} ({reason})")
    return Endpoint(host, reason)


def _rootless(environ: Mapping[str, str]) -> str | None:
    folder = environ.get("XDG_RUNTIME_DIR")
    return f"{folder}/podman/podman.sock" if folder and folder.startswith("/") else None


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
