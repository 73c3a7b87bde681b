"""Files of pods, through stat(1) and tar(1) inside them, as kubectl's cp does it."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn, Self

from contctl.backends.kubernetes.kinds import Found
from contctl.backends.kubernetes.processes import begin, ending, output_of, running_pod
from contctl.core.domain.engines import cannot
from contctl.core.domain.streams import Err, Exit, Out
from contctl.core.domain.transfers import PathStat, PutOptions
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.sessions import Session
    from contctl.core.domain.containers import Json

_STAT = (
    'if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit 121; fi; stat -c "%f %s %Y" -- "$1" || exit;'
    ' if [ -L "$1" ]; then readlink -f -- "$1" || readlink -- "$1"; fi'
)
_UNPACK = (
    'if [ ! -e "$1" ]; then code=121; elif [ ! -d "$1" ]; then code=122;'
    ' else shift; tar "$@"; code=$?; fi; cat >/dev/null; exit $code'
)
"""What is left of the input is read, for a process that ends before it can block its connection."""
_ABSENT, _NO_FOLDER = 121, 122
_CANNOT_RUN = (126, 127)
_LONGEST = 4096
"""Bytes kept of what tar complains about."""


def path_stat(cluster: Cluster, found: Found, path: str) -> PathStat:
    """As `Engine.stat`."""
    return _stat(cluster, running_pod(cluster, found), path)


def archive(cluster: Cluster, found: Found, path: str) -> Archive:
    """As `Engine.get_archive`; the first name in it is the last part of `path`, as docker's."""
    pod = running_pod(cluster, found)
    _stat(cluster, pod, path)
    whole = _absolute(path)
    folder, name = posixpath.split(whole.rstrip("/") or "/")
    if name in ("", "."):
        folder, name = whole, "."
    argv = ["tar", "-cf", "-", "-C", folder or "/", "--", name]
    return Archive(begin(cluster, pod, argv))


def put(
    cluster: Cluster, found: Found, path: str, tar: Iterable[bytes], options: PutOptions
) -> None:
    """As `Engine.put_archive`; tar never puts a file into the place of a folder by itself."""
    pod = running_pod(cluster, found)
    argv = ["sh", "-c", _UNPACK, "sh", _absolute(path), "-xf", "-", "-C", _absolute(path)]
    if options.copy_uid_gid:
        argv.append("-o")
    session = begin(cluster, pod, argv, stdin=True)
    # What it writes has to be read meanwhile: it would wait for that, and the sender for it.
    said: list[bytes] = []
    failures: list[ContctlError] = []
    reader = threading.Thread(target=_listen, args=(session, said, failures), daemon=True)
    reader.start()
    try:
        for piece in tar:
            session.write(piece)
        session.close_write()
        reader.join()
    finally:
        session.close()
    if failures:
        raise failures[0]
    _check(session.status or {}, path, b"".join(said))


class Archive:
    """A Stream of the bytes of an archive, whose beginning is there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._said = b""
        self._first = self._next()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece, self._first = self._first, b""
        piece = piece or self._next()
        if not piece:
            raise StopIteration
        return piece

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._session.close()

    def _next(self) -> bytes:
        while (frame := self._session.read()) is not None:
            if isinstance(frame, Out):
                return frame.data
            self._said = (self._said + frame.data)[:_LONGEST]
        if self._session.status is not None:
            status, was_closed = self._session.status, self._session.closed
            self._session.close()
            if not was_closed:
                _check(status, "", self._said)
        return b""


def _listen(session: Session, said: list[bytes], failures: list[ContctlError]) -> None:
    length = 0
    try:
        while (frame := session.read()) is not None:
            if length < _LONGEST:
                said.append(frame.data)
                length += len(frame.data)
    except ContctlError as error:
        failures.append(error)


def _stat(cluster: Cluster, pod: Json, path: str) -> PathStat:
    whole = _absolute(path)
    code, out, said = output_of(cluster, pod, ["sh", "-c", _STAT, "sh", whole])
    lines = out.decode("utf-8", "surrogateescape").split("\n", 1)
    numbers = lines[0].split()
    if code or len(numbers) != 3:
        _refuse(code, path, said)
    mode, size, mtime = int(numbers[0], 16), int(numbers[1]), float(numbers[2])
    target = lines[1].removesuffix("\n") if len(lines) > 1 else ""
    name = posixpath.basename(posixpath.normpath(whole)) or "/"
    return PathStat(name, size, mode, mtime, target)


def _check(status: Json, path: str, said: bytes) -> None:
    """Raise what an ended tar means."""
    *complaints, last = ending(status)
    code = last.code if isinstance(last, Exit) else 1
    if code:
        whole = said + b"".join(each.data for each in complaints if isinstance(each, Err))
        _refuse(code, path, " ".join(whole.decode("utf-8", "replace").split()))


def _refuse(code: int, path: str, said: str) -> NoReturn:
    if code == _ABSENT:
        raise ContctlError(
            ErrorCode.NOT_FOUND, f"no such path: {path}", details={"reason": "no-path"}
        )
    if code == _NO_FOLDER:
        raise ContctlError(ErrorCode.FAILED, f"not a folder: {path}")
    if code in _CANNOT_RUN:
        raise cannot("copy files", "the container has no shell with tar and stat")
    raise ContctlError(ErrorCode.FAILED, f"the files were not copied: {said or code}")


def _absolute(path: str) -> str:
    """Paths are relative to the root, as docker's."""
    return posixpath.join("/", path)
