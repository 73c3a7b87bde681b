"""contctl cp."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.copy_paths import (
    Place,
    absolute,
    arranged,
    check_output,
    is_device,
    local_destination,
    local_source,
    rebased,
    renaming,
    split_argument,
    split_entry,
    target_of_link,
)
from contctl.commands.container.copy_progress import CopyProgress
from contctl.commands.output.ending import ending_raises
from contctl.core.domain.transfers import PathStat, PutOptions
from contctl.core.errors import ContctlError, ErrorCode

_PIECE = 1024 * 1024
_CUT = (ErrorCode.UNAVAILABLE,)
_LINK, _FOLDER, _KIND = 0o120000, 0o040000, 0o170000

Source = Annotated[str, typer.Argument(metavar="CONTAINER:SRC_PATH|SRC_PATH|-", show_default=False)]
Destination = Annotated[
    str, typer.Argument(metavar="DEST_PATH|-|CONTAINER:DEST_PATH", show_default=False)
]
Archive = Annotated[
    bool, typer.Option("--archive", "-a", help="Give what is made to the container's own user.")
]
FollowLink = Annotated[
    bool, typer.Option("--follow-link", "-L", help="Copy what a link at SRC_PATH leads to.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of how it goes on.")]


def command(
    ctx: typer.Context,
    source: Source,
    destination: Destination,
    archive: Archive = False,
    follow_link: FollowLink = False,
    quiet: Quiet = False,
) -> None:
    """Copy files between a container and this machine.

    '-' as the source reads a tar archive from standard input, and unpacks it in a folder of the
    container; '-' as the destination writes one to standard output. A path of this machine that
    has a colon begins with './' or '/'.
    """
    app = app_of(ctx)
    for name, argument in (("source", source), ("destination", destination)):
        if not argument:
            raise ContctlError(ErrorCode.USAGE, f"{name} can not be empty")
    (giver, path), (taker, target) = split_argument(source), split_argument(destination)
    if giver and taker:
        raise ContctlError(ErrorCode.USAGE, "copying between containers is not supported")
    if not giver and not taker:
        raise ContctlError(
            ErrorCode.USAGE,
            "must specify at least one container source",
            hint="a path in a container is written CONTAINER:PATH",
        )
    shown = app.terminal.stdout_is_tty and not quiet
    if giver:
        _copy_out(app, giver, path, target, follow=follow_link, shown=shown)
    else:
        options = PutOptions(no_overwrite_dir_non_dir=True, copy_uid_gid=archive)
        _copy_in(app, path, taker, target, options, follow=follow_link, shown=shown)


def _copy_out(
    app: App, container: str, path: str, target: str, *, follow: bool, shown: bool
) -> None:
    if target != "-":
        target = absolute(target)
        with _on_this_machine(target):
            check_output(target)
    elif app.terminal.stdout_is_tty:
        raise ContctlError(
            ErrorCode.USAGE, "an archive is not written to a terminal", hint="redirect it"
        )
    source = _container_source(app, container, path, follow=follow, archive=target == "-")
    with closing(app.api.containers.get_archive(container, source.path)) as tar:
        if target == "-":
            for piece in tar:
                app.terminal.write_bytes(piece)
            return
        progress = CopyProgress(app.terminal, "Copying from container", shown=shown)
        with _nothing_left_unsaid(app, target, progress, tuple(ErrorCode)):
            _unpack(progress.counted(tar), source, target)
    progress.done(target)


def _container_source(app: App, container: str, path: str, *, follow: bool, archive: bool) -> Place:
    """What is copied out. archive: whether it is only passed on, and need not be known."""
    if archive and not follow:
        return Place(path)
    place, found = Place(path), app.api.containers.stat(container, path)
    if follow and _is(found, _LINK):
        place = rebased(path, target_of_link(path, found.link_target))
        if not archive:
            found = app.api.containers.stat(container, place.path)
    return Place(place.path, True, _is(found, _FOLDER), place.rebase)


def _unpack(tar: Iterator[bytes], source: Place, target: str) -> None:
    from contctl.commands.container.unpacking import Reader, unpack

    with _on_this_machine(target):
        folder, last = arranged(source, local_destination(target))
    first = _rebasing(source)
    unpack(Reader(tar), folder, lambda name: last(first(name)))


def _copy_in(
    app: App,
    path: str,
    container: str,
    target: str,
    options: PutOptions,
    *,
    follow: bool,
    shown: bool,
) -> None:
    from contctl.commands.container.packing import pack

    destination = _container_destination(app, container, target)
    progress = CopyProgress(app.terminal, "Copying to container", shown=shown)
    if path == "-":
        progress = CopyProgress(app.terminal, "", shown=False)
        if not destination.is_folder:
            raise ContctlError(
                ErrorCode.CONFLICT, f'destination "{container}:{target}" must be a directory'
            )
        pieces = iter(lambda: app.terminal.stdin.read1(_PIECE), b"")
        with _nothing_left_unsaid(app, f"{container}:{target}", progress, _CUT):
            tar = progress.counted(pieces)
            app.api.containers.put_archive(container, destination.path, tar, options)
        return
    with _on_this_machine(absolute(path)):
        source = local_source(absolute(path), follow=follow)
    folder, last = arranged(source, destination)
    first = _rebasing(source)
    unread: list[str] = []
    tar = pack(source.path, lambda name: last(first(name)), unread.append, app.terminal.note)
    with _nothing_left_unsaid(app, f"{container}:{target}", progress, _CUT):
        app.api.containers.put_archive(container, folder, progress.counted(tar), options)
    progress.done(f"{container}:{destination.path}")
    _tell_unread(app, unread)


def _container_destination(app: App, container: str, path: str) -> Place:
    found = _stat(app, container, path)
    if found is not None and _is(found, _LINK):
        path = target_of_link(path, found.link_target)
        found = _stat(app, container, path)
    if found is None:
        return Place(path)
    if is_device(found.mode):
        raise ContctlError(
            ErrorCode.CONFLICT,
            f'destination "{container}:{path}" must be a directory or a regular file: got a device',
        )
    return Place(path, True, _is(found, _FOLDER))


def _stat(app: App, container: str, path: str) -> PathStat | None:
    try:
        return app.api.containers.stat(container, path)
    except ContctlError as error:
        if error.reason != "no-path":
            raise
        return None


def _rebasing(source: Place) -> Callable[[str], str]:
    """What renames the entries of an archive of `source` to what it is to be called."""
    if not source.rebase:
        return lambda name: name
    new = "" if source.rebase == "/" else source.rebase
    return renaming(split_entry(source.path)[1], new)


def _is(found: PathStat, kind: int) -> bool:
    return found.mode & _KIND == kind


def _tell_unread(app: App, unread: list[str]) -> None:
    for words in unread:
        app.terminal.note(f"warning: {words}")
    if unread:
        files = "file was" if len(unread) == 1 else "files were"
        raise ContctlError(ErrorCode.FAILED, f"{len(unread)} {files} not copied; all others were")


@contextmanager
def _nothing_left_unsaid(
    app: App, target: str, progress: CopyProgress, codes: tuple[ErrorCode, ...]
) -> Iterator[None]:
    """Say of a copy that has begun, and is interrupted or fails with one of `codes`, that a part of
    it may be there."""
    words = f"a part of it may be at {target}"
    try:
        with ending_raises():
            yield
    except ContctlError as error:
        if error.hint or not progress.has_begun or error.code not in codes:
            raise
        raise ContctlError(error.code, error.message, hint=words, details=error.details) from error
    except (KeyboardInterrupt, SystemExit):
        app.terminal.note(f"interrupted; {words}")
        raise


@contextmanager
def _on_this_machine(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = ErrorCode.NOT_FOUND if isinstance(error, FileNotFoundError) else ErrorCode.FAILED
        name = error.filename if isinstance(error.filename, str) else path
        message = f"{os.fsdecode(name)}: {(error.strerror or str(error)).lower()}"
        raise ContctlError(code, message) from error
