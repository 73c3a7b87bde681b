"""contctl's own files: 0700 folders and 0600 files of one owner, opened without following links.

Modes are given at the open and set again on the descriptor, so the umask decides nothing. All
failures are ContctlError STORE; the reasons are `absent`, `not-private`, `read-only`, `full` and
`locked`.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode

LOCK_TIMEOUT = 5.0
"""Seconds for which a writer waits until another one leaves the folder."""

_REASONS = {
    errno.ENOENT: "absent",
    errno.ELOOP: "not-private",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an OSError about `path` into ContctlError STORE."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_private(path, "it is a link") from None
        if error.errno == errno.ENOTDIR:
            raise _not_private(path.parent, "it is not a folder") from None
        reason = _REASONS.get(error.errno or 0)
        raise ContctlError(
            ErrorCode.STORE,
            f"{path}: {error.strerror or error}",
            details={"reason": reason} if reason else None,
        ) from error


def ensure_folder(path: Path) -> None:
    """Make the folder with mode 0700 where it is missing, its parents too; refuse a shared one."""
    with translated(path):
        for folder in reversed([path, *path.parents]):
            if not os.path.lexists(folder):
                _make_folder(folder)
    check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse a folder that is a link, another user's, or open to others, and one in whose place
    others could put another because they may write a folder above it."""
    check_inner_folder(path)
    with translated(path):
        above = Path(os.path.realpath(path)).parents
        for folder in above:
            _check_above(path, folder, os.stat(folder))


def check_inner_folder(path: Path) -> None:
    """Refuse a folder that is a link, another user's, or open to others; the one that it lies in
    has been checked."""
    with translated(path):
        found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise _not_private(path, "it is not a folder")
    _check_owner_and_mode(path, found)


def check_file(path: Path) -> None:
    """Refuse a file that is a link, not a plain file, another user's, or open to others.

    Nothing is opened: closing a descriptor would drop the locks that SQLite holds on the file.
    """
    with translated(path):
        found = os.lstat(path)
    _check_plain_file(path, found)


def read_private(path: Path, limit: int = 65536) -> bytes:
    """The content of a private file of at most `limit` bytes."""
    return _read(path, limit, os.O_NOFOLLOW, _check_plain_file)


def read_trusted(path: Path, limit: int = 65536) -> bytes:
    """The content of a file that may be a link or root's, but that nobody else may write."""
    return _read(path, limit, 0, _check_trusted)


def create_private(path: Path, content: bytes) -> bool:
    """Make the file with `content`, whole or not at all; False, and no change, if it exists."""
    with exclusive(path.parent), translated(path):
        if os.path.lexists(path):
            return False
        _write(path, content)
    return True


def replace_private(path: Path, content: bytes) -> None:
    """Make the file or replace it; whoever reads it sees the old content or the new one."""
    with exclusive(path.parent), translated(path):
        _write(path, content)


def written_and_read(path: Path, content: bytes) -> bytes:
    """What is read of a file of `content`, which is gone afterwards.

    No other writer comes between, so many may do it under one name, and what a killed one left is
    cleared away by the next.
    """
    with exclusive(path.parent), translated(path):
        _write(path, content)
        try:
            return read_private(path)
        finally:
            path.unlink(missing_ok=True)


def update_private(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace the content of a private file by `change` of it, with no other writer between."""
    with exclusive(path.parent):
        content = change(read_private(path))
        with translated(path):
            _write(path, content)


def create_empty(path: Path, shown: Path | None = None) -> None:
    """Make an empty private file; ContctlError STORE if something is there. shown: the path that an
    error names, where `path` is only the draft of that file."""
    with translated(shown or path):
        os.close(_open_new(path))


def check_no_one_else_may_exchange(path: Path) -> None:
    """Refuse a place for a new file where others could put another one, because they may write the
    folder, or one above it."""
    with translated(path):
        folder = Path(os.path.realpath(path.parent))
        for each in (folder, *folder.parents):
            _check_above(path, each, os.stat(each))


def sync(path: Path) -> None:
    """Wait until the file and its name are on the disk."""
    with translated(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename durably, within one folder; what is at `target` is replaced."""
    with translated(target):
        os.replace(source, target)
        _sync_folder(target.parent)


def name_once(source: Path, target: Path) -> bool:
    """Rename durably, within one folder; False, and no change, if something is at `target`."""
    with translated(target):
        try:
            # rename(2) would replace what is there.
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            return False
        os.unlink(source)
        _sync_folder(target.parent)
    return True


def remove(path: Path) -> None:
    """Delete a file; none there is no error."""
    with translated(path):
        path.unlink(missing_ok=True)


@contextmanager
def exclusive(folder: Path, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Keep every other writer out of `folder`; reason `locked` after `timeout` seconds.

    The lock is flock's on the folder itself: it leaves no file behind, and the kernel drops it when
    its holder dies. It is not reentrant.
    """
    with translated(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _lock(folder, descriptor, timeout)
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path, descriptor: int, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not _lock_now(folder, descriptor):
        if time.monotonic() > deadline:
            raise ContctlError(
                ErrorCode.STORE,
                f"{folder} is locked by another process",
                details={"reason": "locked"},
            )
        time.sleep(0.01)


def _lock_now(folder: Path, descriptor: int) -> bool:
    with translated(folder):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _make_folder(path: Path) -> None:
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
        os.chmod(path, 0o700)
        _sync_folder(path.parent)


def _write(path: Path, content: bytes) -> None:
    # One fixed name for the draft: what a killed writer left is cleared away by the next one.
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = _open_new(draft)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _open_new(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(
    path: Path, limit: int, flags: int, check: Callable[[Path, os.stat_result], None]
) -> bytes:
    with translated(path):
        # Without O_NONBLOCK the open of a FIFO would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
        try:
            check(path, os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(limit + 1)
        finally:
            os.close(descriptor)
    if len(content) > limit:
        raise ContctlError(ErrorCode.STORE, f"{path}: more than {limit} bytes long")
    return content


def _check_trusted(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _not_private(path, "it is not a plain file")
    if found.st_uid not in (0, os.geteuid()):
        raise _not_private(path, f"it belongs to uid {found.st_uid}")
    if found.st_mode & 0o022:
        raise _not_private(path, "others may write it", hint=f"run 'chmod go-w {path}'")


def _check_plain_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = "a link" if stat.S_ISLNK(found.st_mode) else "not a plain file"
        raise _not_private(path, f"it is {kind}")
    # One that was replaced since it was opened has no name, and is what was there before.
    if found.st_nlink > 1:
        raise _not_private(path, "it has a second name (a hard link)")
    _check_owner_and_mode(path, found)


def _check_owner_and_mode(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise _not_private(
            path,
            f"it belongs to uid {found.st_uid}, and this process runs as uid {os.geteuid()}",
            hint="run contctl as the user who made its files",
        )
    if found.st_mode & 0o077:
        raise _not_private(path, "other users have access to it", hint=f"run 'chmod go= {path}'")


def _check_above(path: Path, folder: Path, found: os.stat_result) -> None:
    # In a sticky folder, such as /tmp, only its owner may rename an entry (rename(2)).
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise _not_private(
            path, f"others may write the folder {folder}", hint=f"run 'chmod go-w {folder}'"
        )
    if found.st_uid not in (0, os.geteuid()):
        raise _not_private(path, f"the folder {folder} above it belongs to uid {found.st_uid}")


def _not_private(path: Path, why: str, hint: str | None = None) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE, f"{path} is refused: {why}", hint=hint, details={"reason": "not-private"}
    )
