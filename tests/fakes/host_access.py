"""A host as one of its users can reach it, in memory."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from contctl.core.domain.host_access import Access


@dataclass(frozen=True)
class Thing:
    """Something at a path. open: whether the user may open it, or look into it."""

    open: bool
    gid: int = 0


@dataclass
class FakeHostAccess:
    """Implements `HostAccess` for an ordinary user."""

    uid: int = 65534
    members: dict[int, str] = field(default_factory=lambda: {65534: "nogroup"})
    things: dict[str, Thing] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()

    def groups(self) -> dict[int, str]:
        """As given."""
        return dict(self.members)

    def open_socket(self, path: str) -> Access:
        """As `read`: a socket that nobody serves is like one that somebody does."""
        return self.read(path)

    def group_of(self, path: str) -> int | None:
        """The group of the thing, where the user may look into its folders."""
        hidden = self._closed_above(path)
        thing = self.things.get(path)
        return None if hidden or thing is None else thing.gid

    def read(self, path: str) -> Access:
        """What comes of opening it."""
        if self._closed_above(path):
            return Access.DENIED
        thing = self.things.get(path)
        if thing is None:
            return Access.ABSENT
        return Access.OPEN if thing.open else Access.DENIED

    def engine_addresses(self) -> tuple[str, ...]:
        """As given."""
        return self.addresses

    def _closed_above(self, path: str) -> bool:
        above = (self.things.get(str(folder)) for folder in PurePosixPath(path).parents)
        return any(thing is not None and not thing.open for thing in above)
