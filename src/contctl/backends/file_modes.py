"""Looking over contctl's own folders and files."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from contctl.backends.files import check_file, check_folder
from contctl.core.errors import ContctlError

_OWN = (
    "contctl.db*",
    ".contctl.db*",
    "keys",
    "credentials",
    "credential-stores.json",
    ".credential-stores.json.new",
    "contexts.json",
    ".contexts.json.new",
    "*.lock",
)


class OwnFiles:
    """Implements the port `FileModes` for `folders` and all that lies in them."""

    def __init__(self, folders: Sequence[Path], shared: Sequence[Path] = ()) -> None:
        """shared: files among them that need not be private, such as the configuration."""
        self._folders = tuple(dict.fromkeys(folders))
        self._shared = frozenset(shared)

    def problems(self) -> tuple[str, ...]:
        """One line for each file or folder of contctl's own that is not private."""
        return tuple(
            problem
            for folder in self._folders
            for path in _own(folder)
            if path not in self._shared and (problem := _problem(path))
        )

    def repair(self) -> tuple[str, ...]:
        """Take the access of others to contctl's own files and folders away; one line for each.

        A folder comes before what is in it. Links are not followed; what is a link, another user's
        or has a second name is left for `problems` to name.
        """
        return tuple(
            line
            for folder in self._folders
            for path in _own(folder)
            if path not in self._shared and (line := _repaired(path))
        )


def _own(folder: Path) -> Iterator[Path]:
    """The folder, and what contctl itself puts into it: there may be more, where CONTCTL_HOME names
    a folder that has other uses."""
    if not os.path.lexists(folder):
        return
    yield folder
    if not folder.is_dir() or folder.is_symlink():
        return
    for name in _OWN:
        for path in sorted(folder.glob(name)):
            yield path
            if path.is_dir() and not path.is_symlink():
                with suppress(OSError):
                    yield from sorted(path.iterdir())


def _repaired(path: Path) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        is_plain = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
        mode = stat.S_IMODE(found.st_mode)
        if found.st_uid != os.geteuid() or not (is_plain or stat.S_ISDIR(found.st_mode)):
            return None
        if not mode & 0o077:
            return None
        os.fchmod(descriptor, mode & 0o700)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return f"{path}: took other users' access away (its mode was {mode:04o})"


def _problem(path: Path) -> str | None:
    try:
        if path.is_dir() and not path.is_symlink():
            check_folder(path)
        else:
            check_file(path)
    except ContctlError as error:
        return error.message
    return None
