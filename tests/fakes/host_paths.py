"""The engine's host, in memory."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """kind: `folder`, `file` or anything else."""

    kind: str
    mode: int = 0o755
    owner: int = 0

    @property
    def is_safe(self) -> bool:
        return self.owner == 0 and not self.mode & 0o022


class FakeHostPaths:
    """Implements `HostPaths` for the paths in `entries`; root's own `/` is there."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, ...], Entry] = {(): Entry("folder")}

    def add(self, path: str, entry: Entry) -> None:
        """Put it there; what it lies in must have been put there before."""
        self.entries[_parts(path)] = entry

    def trusted(self, path: str) -> bool:
        parts = _parts(path)
        if not path.startswith("/") or ".." in parts:
            return False
        way = [self.entries.get(parts[:length]) for length in range(len(parts) + 1)]
        kinds = [entry.kind if entry and entry.is_safe else "" for entry in way]
        return all(kind == "folder" for kind in kinds[:-1]) and kinds[-1] in ("folder", "file")


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))
