"""Files of this machine as a tar stream, as docker's client makes one (moby, `pkg/archive`)."""

import os
import stat
import tarfile
from collections.abc import Callable, Iterator

from contctl.commands.container.copy_paths import Rename, split_entry
from contctl.core.errors import ContctlError, ErrorCode

_PIECE = 1024 * 1024
_KINDS = {
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
}


def pack(
    path: str, rename: Rename, unread: Callable[[str], None], left_out: Callable[[str], None]
) -> Iterator[bytes]:
    """The archive of what is at `path`. rename: what each name in it becomes. unread: told in words
    of each file that cannot be read. left_out: the same of sockets, which no archive can hold.

    ContctlError FAILED for a file that changes while it is read.
    """
    return _Packer(path, rename, unread, left_out).pieces()


class _Packer:
    def __init__(
        self,
        path: str,
        rename: Rename,
        unread: Callable[[str], None],
        left_out: Callable[[str], None],
    ) -> None:
        self._folder, self._base = split_entry(path)
        self._rename = rename
        self._unread = unread
        self._left_out = left_out
        self._seen: dict[tuple[int, int], str] = {}

    def pieces(self) -> Iterator[bytes]:
        yield from self._tree(f"{self._folder.rstrip('/')}/{self._base}")
        yield b"\0" * tarfile.RECORDSIZE

    def _tree(self, top: str) -> Iterator[bytes]:
        """In the order of names, a folder before what is in it."""
        left = [top]
        while left:
            path = left.pop()
            try:
                found = os.lstat(path)
                if stat.S_ISDIR(found.st_mode):
                    names = sorted(os.listdir(path), reverse=True)
                    left += [f"{path.rstrip('/')}/{name}" for name in names]
            except OSError as error:
                self._unread(f"cannot read {path}: {error.strerror}")
                continue
            yield from self._entry(path, found)

    def _entry(self, path: str, found: os.stat_result) -> Iterator[bytes]:
        kind = _KINDS.get(stat.S_IFMT(found.st_mode))
        if kind is None:
            self._left_out(f"warning: {path} is left out: a socket cannot be copied")
            return
        try:
            entry = self._header(path, found, kind)
            if not entry.isreg() or not entry.size:
                yield _encoded(entry)
                return
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            self._unread(f"cannot read {path}: {error.strerror}")
            return
        with open(file, "rb", buffering=0) as content:
            yield _encoded(entry)
            yield from _content(content.read, path, entry.size)

    def _header(self, path: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
        name = self._name(path)
        entry = tarfile.TarInfo(self._rename(name))
        entry.type = kind
        entry.mode = stat.S_IMODE(found.st_mode)
        entry.uid, entry.gid = found.st_uid, found.st_gid
        entry.mtime = int(found.st_mtime)
        if kind == tarfile.SYMTYPE:
            entry.linkname = os.readlink(path)
        elif kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
            entry.devmajor, entry.devminor = os.major(found.st_rdev), os.minor(found.st_rdev)
        elif kind == tarfile.REGTYPE:
            entry.size = found.st_size
        if kind != tarfile.DIRTYPE and found.st_nlink > 1:
            first = self._seen.setdefault((found.st_dev, found.st_ino), name)
            if first != name:
                entry.type, entry.linkname, entry.size = tarfile.LNKTYPE, self._rename(first), 0
        return entry

    def _name(self, path: str) -> str:
        """Relative to the folder; below `.` with `./` in front, as docker's client has it."""
        name = path[len(self._folder.rstrip("/")) :].lstrip("/")
        return name or "."


def _encoded(entry: tarfile.TarInfo) -> bytes:
    return entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _content(read: Callable[[int], bytes], path: str, size: int) -> Iterator[bytes]:
    left = size
    while left:
        try:
            piece = read(min(left, _PIECE))
        except OSError as error:
            raise _changed(path, error.strerror or "") from error
        if not piece:
            raise _changed(path, "it became shorter")
        left -= len(piece)
        yield piece
    if size % tarfile.BLOCKSIZE:
        yield b"\0" * (tarfile.BLOCKSIZE - size % tarfile.BLOCKSIZE)


def _changed(path: str, why: str) -> ContctlError:
    return ContctlError(ErrorCode.FAILED, f"cannot read all of {path}: {why}")
