"""Files of Podman's containers, and images made of them."""

import stat
from collections.abc import Iterable
from dataclasses import replace

from contctl.backends.docker import transfers
from contctl.backends.docker.transport import Transport
from contctl.core.domain.transfers import CommitSpec, PathStat, PutOptions


def path_stat(http: Transport, container_id: str, path: str) -> PathStat:
    """As `Engine.stat`."""
    found = transfers.path_stat(http, container_id, path)
    # Podman tells where a path leads of everything, and not of links alone.
    return found if stat.S_ISLNK(found.mode) else replace(found, link_target="")


def put(
    http: Transport, container_id: str, path: str, tar: Iterable[bytes], options: PutOptions
) -> None:
    """As `Engine.put_archive`. Podman would make a folder that is not there."""
    transfers.path_stat(http, container_id, path)
    transfers.put(http, container_id, path, tar, options)


def commit(http: Transport, container_id: str, spec: CommitSpec) -> str:
    """As `Engine.commit`."""
    image_id = transfers.commit(http, container_id, spec)
    return image_id if ":" in image_id else f"sha256:{image_id}"
