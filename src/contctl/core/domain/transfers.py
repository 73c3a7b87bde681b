"""What moves between containers, images and files: what is asked for, and what is answered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contctl.core.domain.containers import RESERVED_LABELS
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contctl.core.domain.containers import Container

STOPPED = ("created", "exited", "dead")
"""The states of a container that does not run."""


@dataclass(frozen=True, slots=True)
class PathStat:
    """A path in a container, its last part not followed where that is a link.

    size: bytes.  mode: as st_mode of stat(2).  mtime: seconds since the epoch.
    link_target: what a link holds, as the engine resolves it in the container; empty for others.
    """

    name: str
    size: int
    mode: int
    mtime: float
    link_target: str = ""


@dataclass(frozen=True, slots=True)
class PutOptions:
    """How an archive is unpacked. no_overwrite_dir_non_dir: never put a file into the place of a
    folder, or a folder into that of a file.  copy_uid_gid: give what is made to the container's
    own user, as `docker cp --archive` does."""

    no_overwrite_dir_non_dir: bool = False
    copy_uid_gid: bool = False


@dataclass(frozen=True, slots=True)
class CommitSpec:
    """An image to make of a container. reference: its name, with a tag or without; empty for none.
    pause: whether the container stands still meanwhile.  changes: Dockerfile instructions."""

    reference: str = ""
    message: str = ""
    author: str = ""
    pause: bool = True
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PruneQuery:
    """Which stopped containers to remove. until: those made before it, in seconds since the epoch.
    labels: `KEY` or `KEY=VALUE` that all have to be there; without_labels: all of which must not.
    """

    until: float | None = None
    labels: tuple[str, ...] = ()
    without_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: full IDs, and how many bytes of theirs. errors: of those that could not be
    removed; one that was started or removed meanwhile is no error."""

    ids: tuple[str, ...]
    reclaimed: int
    errors: tuple[ContctlError, ...] = ()


@dataclass(frozen=True, slots=True)
class PullOptions:
    """What of an image to fetch. all_tags: every tag of a name without one.  platform: `OS/ARCH`,
    None for the engine's own."""

    all_tags: bool = False
    platform: str | None = None


def to_prune(container: "Container", query: PruneQuery) -> bool:
    """Whether `query` asks for `container`, by the engine's own rule for a prune (moby,
    `daemon/prune.go`)."""
    if container.state not in STOPPED:
        return False
    if query.until is not None and container.created > query.until:
        return False
    if not _has_all(container.labels, query.labels):
        return False
    return not (query.without_labels and _has_all(container.labels, query.without_labels))


def check_changes(changes: "Iterable[str]") -> None:
    """ContctlError USAGE for a label of contctl's own, for one that a variable could make that, and
    for a change of several lines, which would be several instructions (Dockerfile reference)."""
    for change in changes:
        plain = change.translate({ord(sign): None for sign in "\"'\\`"})
        if any(end in change for end in "\r\n"):
            why = "a change is one line"
        elif "LABEL" not in change.upper().split():
            continue
        elif RESERVED_LABELS in plain:
            why = f"labels that begin with {RESERVED_LABELS} are contctl's own"
        elif "$" in change:
            why = "the labels of a change may not have variables"
        else:
            continue
        raise ContctlError(ErrorCode.USAGE, f"the change {change!r} is refused: {why}")


def _has_all(labels: "Mapping[str, str]", wanted: "Iterable[str]") -> bool:
    for text in wanted:
        key, equals, value = text.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True
