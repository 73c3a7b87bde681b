"""Where Podman listens.

Source: podman-system-service(1), "Run the command in a systemd service".
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from contctl.backends.docker.endpoint import Endpoint, checked_endpoint
from contctl.core.domain.engines import EngineAddress

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


def _rootless(environ: Mapping[str, str]) -> str | None:
    folder = environ.get("XDG_RUNTIME_DIR")
    return f"{folder}/podman/podman.sock" if folder and folder.startswith("/") else None


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
