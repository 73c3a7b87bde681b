"""Docker's rules for the two paths of a copy (docker/cli, `cli/command/container/cp.go`; moby,
`pkg/archive/copy.go`). A path's last `/` or `/.` means something, so none is ever just cleaned."""

import os
import posixpath
import stat
from collections.abc import Callable
from dataclasses import dataclass

from contctl.core.errors import ContctlError, ErrorCode

Rename = Callable[[str], str]
_MOST_LINKS = 10


@dataclass(frozen=True, slots=True)
class Place:
    """A path that is copied from or to. rebase: what its base is called in the archive, where that
    is another name; empty for its own."""

    path: str
    exists: bool = False
    is_folder: bool = False
    rebase: str = ""


def split_argument(argument: str) -> tuple[str, str]:
    """Container and path of `CONTAINER:PATH`; the container is empty for a path of this machine,
    which begins with `/` or `.` where it has a colon."""
    container, colon, path = argument.partition(":")
    if argument.startswith("/") or not colon or container.startswith("."):
        return "", argument
    return container, path


def clean(path: str) -> str:
    """The shortest path that means the same (Go, path.Clean)."""
    plain = posixpath.normpath(path)
    return "/" + plain.lstrip("/") if plain.startswith("/") else plain


def base_of(path: str) -> str:
    """The last part (Go, path.Base)."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def split_entry(path: str) -> tuple[str, str]:
    """Folder and name of the entry in it; the name is `.` where the path ends with that."""
    plain = clean(path)
    if base_of(path) == ".":
        return plain, "."
    return clean(posixpath.dirname(plain)), base_of(plain)


def absolute(path: str) -> str:
    """A path of this machine as an absolute one with the same end."""
    return _with_end_of(path, clean(posixpath.join(os.getcwd(), path)))


def target_of_link(link: str, target: str) -> str:
    """The path that a link at `link` leads to."""
    return target if target.startswith("/") else clean(f"{split_entry(link)[0]}/{target}")


def rebased(path: str, resolved: str) -> Place:
    """`resolved`, to which links have led from `path`, as what is to be called as `path` is."""
    resolved = _with_end_of(path, resolved)
    rebase = base_of(path) if base_of(path) != base_of(resolved) else ""
    return Place(resolved, rebase=rebase)


def local_source(path: str, *, follow: bool) -> Place:
    """What is at the absolute `path`, its folder's links followed, and with `follow` its own.
    OSError."""
    if follow:
        place = rebased(path, os.path.realpath(path, strict=True))
    else:
        folder, name = posixpath.split(path)
        resolved = f"{os.path.realpath(folder or '/', strict=True).rstrip('/')}/{name}"
        renamed = path.endswith("/") and base_of(path) != base_of(resolved)
        place = Place(resolved, rebase=base_of(path) if renamed else "")
    found = os.lstat(place.path)
    return Place(place.path, True, stat.S_ISDIR(found.st_mode), place.rebase)


def local_destination(path: str) -> Place:
    """What is, or may be made, at the absolute `path`, links followed. NOT_FOUND or CONFLICT where
    it has no folder; OSError."""
    at = path
    for _ in range(_MOST_LINKS + 1):
        try:
            found = os.lstat(at)
        except FileNotFoundError:
            _check_parent(at)
            return Place(at)
        if not stat.S_ISLNK(found.st_mode):
            return Place(at, True, stat.S_ISDIR(found.st_mode))
        at = target_of_link(at, os.readlink(at))
    raise ContctlError(ErrorCode.CONFLICT, f"too many symlinks in {path}")


def check_output(path: str) -> None:
    """Whether something can be made at a path of this machine: NOT_FOUND without its folder,
    CONFLICT where a device is. OSError."""
    folder = posixpath.dirname(clean(path))
    if folder and not os.path.exists(folder):
        raise ContctlError(
            ErrorCode.NOT_FOUND, f'invalid output path: directory "{folder}" does not exist'
        )
    if os.path.exists(path) and is_device(os.stat(path).st_mode):
        raise ContctlError(
            ErrorCode.CONFLICT,
            f'invalid output path: "{path}" must be a directory or a regular file: got a device',
        )


def is_device(mode: int) -> bool:
    """Whether `mode` is that of a block or character device."""
    return stat.S_ISBLK(mode) or stat.S_ISCHR(mode)


def arranged(source: Place, destination: Place) -> tuple[str, Rename]:
    """The folder to unpack the archive of `source` in, and what its entries are to be called, so
    that they end up at `destination`. CONFLICT and NOT_FOUND where that is impossible."""
    if destination.exists and destination.is_folder:
        return destination.path, _as_it_is
    if destination.exists and source.is_folder:
        raise ContctlError(ErrorCode.CONFLICT, f"cannot copy directory to {destination.path}")
    if not source.is_folder and not destination.exists and _asserts_folder(destination.path):
        raise ContctlError(ErrorCode.NOT_FOUND, f"no such directory: {destination.path}")
    folder, name = split_entry(destination.path)
    return folder, renaming(source.rebase or split_entry(source.path)[1], name)


def renaming(old: str, new: str) -> Rename:
    """What replaces the base `old` of names in an archive by `new`; the root's is empty there."""
    return lambda name: name.replace("" if old == "/" else old, new, 1)


def _as_it_is(name: str) -> str:
    return name


def _with_end_of(original: str, plain: str) -> str:
    if base_of(original) == "." and base_of(plain) != ".":
        plain = f"{plain.rstrip('/')}/."
    if original.endswith("/") and not plain.endswith("/"):
        plain += "/"
    return plain


def _asserts_folder(path: str) -> bool:
    return path.endswith("/") or base_of(path) == "."


def _check_parent(path: str) -> None:
    parent, _ = split_entry(path)
    if not os.path.exists(parent):
        raise ContctlError(ErrorCode.NOT_FOUND, f"no such directory: {parent}")
    if not os.path.isdir(parent):
        raise ContctlError(ErrorCode.CONFLICT, f"not a directory: {parent}")
