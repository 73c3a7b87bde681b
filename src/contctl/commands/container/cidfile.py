"""`--cidfile`: a new file that tells the ID of a container."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode


class CidFile:
    """Holds the ID once it is known."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.written = False

    def write(self, container_id: str) -> None:
        """ContctlError FAILED where it cannot be written."""
        if self._path is None:
            return
        try:
            self._path.write_text(container_id, "ascii")
        except OSError as error:
            raise _failed("write the container ID to the file", self._path, error) from None
        self.written = True


@contextmanager
def cidfile(name: str | None) -> Iterator[CidFile]:
    """A new file, removed again where the body leaves it empty. CONFLICT where one is there, FAILED
    where none can be made."""
    if not name:
        yield CidFile(None)
        return
    path = Path(name)
    try:
        path.open("x").close()
    except FileExistsError:
        raise ContctlError(
            ErrorCode.CONFLICT,
            "container ID file found, make sure the other container isn't running or delete"
            f" {name}",
        ) from None
    except (OSError, ValueError) as error:
        raise _failed("create the container ID file", path, error) from None
    made = CidFile(path)
    try:
        yield made
    finally:
        if not made.written:
            path.unlink(missing_ok=True)


def _failed(what: str, path: Path, error: Exception) -> ContctlError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ContctlError(
        ErrorCode.FAILED, f"failed to {what}: open {path}: {(reason or 'unknown').lower()}"
    )
