"""contctl export."""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.copy_paths import check_output
from contctl.commands.output.ending import ending_raises
from contctl.core.errors import ContctlError, ErrorCode

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, not to stdout.")
]


def command(ctx: typer.Context, container: Container, output: Output = "") -> None:
    """Write a container's files as a tar archive.

    With --output the file is there when it is whole, and not before; it is for this user only.
    """
    app = app_of(ctx)
    if not output and app.terminal.stdout_is_tty:
        raise ContctlError(
            ErrorCode.USAGE,
            "cowardly refusing to save to a terminal. Use the -o flag or redirect",
        )
    if output:
        with _written(output):
            check_output(output)
    with closing(app.api.containers.export(container)) as tar:
        if output:
            _save(output, tar)
            return
        for piece in tar:
            app.terminal.write_bytes(piece)


def _save(path: str, pieces: Iterator[bytes]) -> None:
    draft = os.path.join(os.path.dirname(path), f".contctl_{secrets.token_hex(8)}")
    try:
        with ending_raises(), _written(path), open(draft, "xb", opener=_private) as target:
            for piece in pieces:
                _write_all(target.fileno(), piece)
            os.rename(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write_all(file: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(file, left) :]


@contextmanager
def _written(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ContctlError(ErrorCode.FAILED, f"cannot write {path}: {error.strerror}") from error
