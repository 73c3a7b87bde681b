"""Looking over contctl's own folders and files."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from contctl.backends.files import check_file, check_folder
from contctl.core.errors import ContctlError


class OwnFiles:
    """Implements the port `FileModes` for `folders` and all that lies in them."""

    def __init__(self, folders: Sequence[Path], shared: Sequence[Path] = ()) -> None:
        """shared: files among them that need not be private, such as the configuration."""
        self._folders = tuple(dict.fromkeys(folders))
        self._shared = frozenset(shared)

    def problems(self) -> tuple[str, ...]:
        """One line for each file or folder that is not private."""
        return tuple(
            problem
            for folder in self._folders
            for path in _found(folder)
            if path not in self._shared and (problem := _problem(path))
        )


def _found(folder: Path) -> Iterator[Path]:
    """The folder, and what lies in it and in its own folders: contctl makes none that is deeper."""
    if not os.path.lexists(folder):
        return
    yield folder
    for depth in ("*", "*/*"):
        with suppress(OSError):
            yield from sorted(folder.glob(depth))


def _problem(path: Path) -> str | None:
    try:
        if path.is_dir() and not path.is_symlink():
            check_folder(path)
        else:
            check_file(path)
    except ContctlError as error:
        return error.message
    return None
