"""A tar stream of a container's files made into files of this machine.

What is in a container may be hostile. Every entry is made in a folder that was opened part by part
without following a link, so nothing is ever written outside of the destination, whatever the
archive holds, and whatever an earlier entry has put there. Files belong to who copies them.
"""

import io
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from contctl.commands.container.copy_paths import Rename, clean
from contctl.core.errors import ContctlError, ErrorCode

_PIECE = 1024 * 1024
_LONGEST_HEADER = 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class Reader(io.RawIOBase):
    """A stream of pieces as a file. read_bytes: how many were read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.read_bytes = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
            self.read_bytes += len(piece)
        if size < 0 or size >= len(self._rest):
            found, self._rest = self._rest, b""
        else:
            found, self._rest = self._rest[:size], self._rest[size:]
        return found


class _Entry(tarfile.TarInfo):
    """An entry whose extended headers have bounds: they are read into memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> "_Entry":
        if self.type in _EXTENDED and self.size > _LONGEST_HEADER:
            raise tarfile.ReadError("an extended header is too long")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


def unpack(source: Reader, folder: str, rename: Rename) -> None:
    """Unpack the archive `source` in the existing `folder`. rename: what each name becomes.

    ContctlError FAILED for what is no archive, and for what the file system refuses; CONFLICT for a
    file in a folder's place, or the other way round, and for what would lead out of `folder`. What
    reading `source` raises passes.
    """
    with _Destination(folder) as destination, _understood():
        with tarfile.open(
            fileobj=source, mode="r|", bufsize=_PIECE, tarinfo=_Entry, encoding="utf-8"
        ) as archive:
            for entry in archive:
                if entry.size < 0:
                    raise tarfile.ReadError("an entry has a negative size")
                entry.name = rename(entry.name)
                if entry.islnk():
                    entry.linkname = rename(entry.linkname)
                destination.add(entry, archive)
                archive.members = []  # type: ignore[attr-defined] # else it would remember all
        while source.read(_PIECE):
            pass


class _Destination:
    """A folder that entries are added to. Modes and times of folders are set at the end, or nothing
    could be put into one that is read-only, and its time would be that of the last entry."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._root = -1
        self._parent: tuple[str, int] | None = None
        self._folders: dict[str, tuple[int, float]] = {}

    def __enter__(self) -> "_Destination":
        with _explained(self._path):
            self._root = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._forget_parent()
            self._finish_folders()
        finally:
            os.close(self._root)

    def add(self, entry: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        """Make what `entry` describes."""
        name = self._inside(entry.name)
        if name == ".":
            return
        with _explained(f"{self._path.rstrip('/')}/{name}"):
            parent, last = self._opened(name), name.rpartition("/")[2]
            found = _lstat(last, parent)
            self._check(entry, name, found)
            if entry.isdir():
                if found is None:
                    os.mkdir(last, 0o700, dir_fd=parent)
                self._folders[name] = (stat.S_IMODE(entry.mode), entry.mtime)
                return
            if found is not None:
                os.unlink(last, dir_fd=parent)
            self._make(entry, archive, last, parent)

    def _make(
        self, entry: tarfile.TarInfo, archive: tarfile.TarFile, last: str, parent: int
    ) -> None:
        if entry.issym():
            self._check_link(entry)
            os.symlink(entry.linkname, last, dir_fd=parent)
        elif entry.islnk():
            self._link(entry, last, parent)
            return
        elif entry.isfifo():
            os.mkfifo(last, 0o600, dir_fd=parent)
            os.chmod(last, stat.S_IMODE(entry.mode), dir_fd=parent)
        elif entry.isreg():
            _write(entry, archive, last, parent)
        else:
            raise _refused(f"{entry.name} is a device, and contctl makes none on this machine")
        times = (entry.mtime, entry.mtime)
        os.utime(last, times, dir_fd=parent, follow_symlinks=False)

    def _link(self, entry: tarfile.TarInfo, last: str, parent: int) -> None:
        target = self._inside(entry.linkname)
        holder = self._opened_anew(target)
        try:
            source = target.rpartition("/")[2]
            os.link(source, last, src_dir_fd=holder, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(holder)

    def _check_link(self, entry: tarfile.TarInfo) -> None:
        """As docker: an absolute target counts from where the link is, for it is the container's;
        it is made as it stands, and never followed here."""
        self._inside(f"{entry.name.rstrip('/').rpartition('/')[0]}/{entry.linkname}", entry.name)

    def _check(self, entry: tarfile.TarInfo, name: str, found: os.stat_result | None) -> None:
        if found is None or stat.S_ISDIR(found.st_mode) == entry.isdir():
            return
        path = f"{self._path.rstrip('/')}/{name}"
        kinds = (
            ("directory", "non-directory") if not entry.isdir() else ("non-directory", "directory")
        )
        raise ContctlError(
            ErrorCode.CONFLICT, f'cannot overwrite {kinds[0]} "{path}" with {kinds[1]}'
        )

    def _inside(self, name: str, shown: str | None = None) -> str:
        """`name` below the folder; CONFLICT where it leads out."""
        plain = clean(name.lstrip("/") or ".")
        if plain == ".." or plain.startswith("../"):
            raise _refused(f"{shown or name} leads out of {self._path}")
        return plain

    def _opened(self, name: str) -> int:
        """The folder that `name` is in; kept open for the next entry."""
        folder = name.rpartition("/")[0]
        if self._parent is None or self._parent[0] != folder:
            self._forget_parent()
            self._parent = (folder, self._opened_anew(name, make=True))
        return self._parent[1]

    def _opened_anew(self, name: str, *, make: bool = False) -> int:
        at = os.dup(self._root)
        for part in name.split("/")[:-1]:
            try:
                if make and _lstat(part, at) is None:
                    os.mkdir(part, 0o755, dir_fd=at)
                following = os.open(part, _FOLDER, dir_fd=at)
            except NotADirectoryError:
                raise _refused(f"{name} leads through {part}, which is no folder here") from None
            finally:
                os.close(at)
            at = following
        return at

    def _forget_parent(self) -> None:
        if self._parent is not None:
            os.close(self._parent[1])
            self._parent = None

    def _finish_folders(self) -> None:
        for name, (mode, mtime) in reversed(self._folders.items()):
            # One that is gone, or was replaced by now, is another's.
            with suppress(OSError, ContctlError):
                folder = self._opened_anew(f"{name}/")
                try:
                    os.chmod(folder, mode)
                    os.utime(folder, (mtime, mtime))
                finally:
                    os.close(folder)


def _write(entry: tarfile.TarInfo, archive: tarfile.TarFile, last: str, parent: int) -> None:
    content = archive.extractfile(entry)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = -1
    try:
        file = os.open(last, flags, 0o600, dir_fd=parent)
        with open(file, "wb", buffering=0, closefd=False) as target:
            while content is not None and (piece := content.read(_PIECE)):
                _write_all(target, piece)
        # Who made the file in the container is not who owns it here.
        os.fchmod(file, stat.S_IMODE(entry.mode) & ~(stat.S_ISUID | stat.S_ISGID))
    except FileExistsError:
        raise
    except BaseException:
        with suppress(OSError):
            os.unlink(last, dir_fd=parent)
        raise
    finally:
        if file >= 0:
            os.close(file)


def _write_all(target: io.RawIOBase, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[target.write(left) or 0 :]


def _lstat(name: str, parent: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise ContctlError(ErrorCode.FAILED, message) from error


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        message = "what came out of the container is no whole archive"
        raise ContctlError(ErrorCode.FAILED, message) from error


def _refused(what: str) -> ContctlError:
    return ContctlError(ErrorCode.CONFLICT, f"the archive is refused: {what}")
