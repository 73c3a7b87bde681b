"""Looking over contctl's own folders and files."""

from collections.abc import Iterator, Sequence
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
            for path in _walk(folder)
            if path not in self._shared and (problem := _problem(path))
        )


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.exists():
        return
    yield folder
    yield from sorted(folder.rglob("*"))


def _problem(path: Path) -> str | None:
    try:
        if path.is_dir() and not path.is_symlink():
            check_folder(path)
        else:
            check_file(path)
    except ContctlError as error:
        return error.message
    return None
