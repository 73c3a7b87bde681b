"""What an engine sees of a container from outside: its processes, and what it did to its files."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of a container as ps(1) on the engine's host shows them.

    titles: of the columns.  rows: a process each, with as many cells as there are titles.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ChangeKind(StrEnum):
    """What became of a file of the image."""

    CHANGED = "changed"
    ADDED = "added"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """A file or folder that differs from the image's. path: inside the container, absolute."""

    kind: ChangeKind
    path: str
