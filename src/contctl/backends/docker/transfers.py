"""Archives of containers' files, and images made of containers."""

import base64
import json
import stat
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contctl.backends.docker.errors import of_commit, of_container, of_path, understanding
from contctl.backends.docker.framing import Pieces
from contctl.backends.docker.listing import inspect
from contctl.backends.docker.pull import split_reference
from contctl.backends.docker.streams import BodyStream
from contctl.backends.docker.transport import Transport, container_path
from contctl.core.domain.containers import RESERVED_LABELS
from contctl.core.domain.transfers import CommitSpec, PathStat, PutOptions
from contctl.core.errors import ContctlError

_STAT = "X-Docker-Container-Path-Stat"
_GO_BITS = {
    1 << 31: stat.S_IFDIR,
    1 << 27: stat.S_IFLNK,
    1 << 26: stat.S_IFBLK,
    1 << 25: stat.S_IFIFO,
    1 << 24: stat.S_IFSOCK,
    1 << 23: stat.S_ISUID,
    1 << 22: stat.S_ISGID,
    1 << 20: stat.S_ISVTX,
}
"""What bits of Go's fs.FileMode mean (Go, `io/fs/fs.go`)."""
_GO_CHARACTER_DEVICE = 1 << 21


def path_stat(http: Transport, container_id: str, path: str) -> PathStat:
    """What is at `path`; as `Engine.stat`."""
    refuse = of_path(container_id, path)
    target = container_path(container_id, "archive")
    try:
        header = http.header(target, {"path": path}, _STAT, refuse=refuse)
    except ContctlError as error:
        if error.reason == "no-path":
            inspect(http, container_id)  # says so where it is the container that is not there
        raise
    with understanding(http.endpoint):
        return _to_stat(json.loads(base64.b64decode(header or "", validate=True)))


def archive(http: Transport, container_id: str, path: str) -> BodyStream[bytes]:
    """A tar stream of `path`; as `Engine.get_archive`."""
    body = http.open(
        "GET",
        container_path(container_id, "archive"),
        {"path": path},
        refuse=of_path(container_id, path),
        endless=False,
    )
    return BodyStream(http.endpoint, body, Pieces())


def put(
    http: Transport, container_id: str, path: str, tar: Iterable[bytes], options: PutOptions
) -> None:
    """Unpack `tar`; as `Engine.put_archive`."""
    query = {
        "path": path,
        "noOverwriteDirNonDir": "true" if options.no_overwrite_dir_non_dir else None,
        "copyUIDGID": "true" if options.copy_uid_gid else None,
    }
    target = container_path(container_id, "archive")
    http.upload(target, query, tar, of_path(container_id, path))


def export(http: Transport, container_id: str) -> BodyStream[bytes]:
    """A tar stream of all files; as `Engine.export`."""
    target = container_path(container_id, "export")
    body = http.open("GET", target, refuse=of_container(container_id), endless=False)
    return BodyStream(http.endpoint, body, Pieces())


def commit(http: Transport, container_id: str, spec: CommitSpec) -> str:
    """Make an image; as `Engine.commit`."""
    repository, tag = split_reference(spec.reference) if spec.reference else (None, None)
    query = {
        "container": container_id,
        "repo": repository,
        "tag": tag,
        "comment": spec.message or None,
        "author": spec.author or None,
        "pause": None if spec.pause else 0,
        "changes": "\n".join((*spec.changes, *_blanked(http, container_id))) or None,
    }
    # It copies all that the container has written, and may take any time.
    answer = http.change("POST", "/commit", query, refuse=of_commit(container_id), extra=None)
    with understanding(http.endpoint):
        return str(answer["Id"])


def _blanked(http: Transport, container_id: str) -> list[str]:
    """Instructions that take the values of contctl's own labels away. The labels themselves stay:
    an engine gives an image every label of its container (moby, `daemon/commit.go`, merge)."""
    labels = (inspect(http, container_id).get("Config") or {}).get("Labels") or {}
    return [f'LABEL "{key}"=""' for key in labels if key.startswith(RESERVED_LABELS)]


def _to_stat(found: dict[str, Any]) -> PathStat:
    return PathStat(
        name=str(found["name"]),
        size=int(found["size"]),
        mode=_to_mode(int(found["mode"])),
        mtime=datetime.fromisoformat(str(found["mtime"])).timestamp(),
        link_target=str(found.get("linkTarget") or ""),
    )


def _to_mode(bits: int) -> int:
    mode = bits & 0o777
    for go, posix in _GO_BITS.items():
        if bits & go:
            mode |= posix
    if bits & _GO_CHARACTER_DEVICE:
        mode = stat.S_IMODE(mode) | stat.S_IFCHR
    return mode if stat.S_IFMT(mode) else mode | stat.S_IFREG
