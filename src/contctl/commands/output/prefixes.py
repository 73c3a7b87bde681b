"""The names of several containers in front of their lines."""

from collections.abc import Mapping
from dataclasses import replace

from contctl.commands.output.terminal import Terminal

_COLORS = ("36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1")
"""Select graphic rendition (ECMA-48, 8.3.117): the colours of `docker compose logs`."""


def prefixes(
    terminal: Terminal, names: Mapping[str, str], *, errors: bool, color: bool
) -> dict[str, bytes]:
    """What stands in front of the lines of each container: its name, and ` | ` below each other.

    names: by container ID.  errors: for standard error instead of standard output.  color: whether
    they may be coloured, where that stream shows colours.
    """
    stream = replace(terminal, stdout_is_tty=terminal.stderr_is_tty) if errors else terminal
    shown = {container_id: stream.shown(name) for container_id, name in names.items()}
    width = max(map(len, shown.values()), default=0)
    painted = color and stream.has_color
    return {
        container_id: _prefix(name.ljust(width), number if painted else None).encode(
            terminal.encoding, "backslashreplace"
        )
        for number, (container_id, name) in enumerate(shown.items())
    }


def _prefix(name: str, number: int | None) -> str:
    if number is None:
        return f"{name} | "
    return f"\x1b[{_COLORS[number % len(_COLORS)]}m{name} |\x1b[0m "


class Lines:
    """Whole lines out of pieces of one output, in time and memory that grow with their length only.

    A line of more than `longest` bytes is broken.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """The lines that `data` completes."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._hold(data)
            return b"" if self._size <= self._longest else self.rest()
        whole = b"".join((*self._held, data[:end])) if self._held else data[:end]
        self._held, self._size = [], 0
        self._hold(data[end:])
        return whole

    def rest(self) -> bytes:
        """What came after the last line, as a line."""
        held, self._held, self._size = self._held, [], 0
        return b"".join((*held, b"\n")) if held else b""

    def _hold(self, data: bytes) -> None:
        if data:
            self._held.append(data)
            self._size += len(data)


def prefixed(lines: bytes, prefix: bytes) -> bytes:
    """`lines`, each of which has its end, with `prefix` in front of each."""
    if not lines:
        return b""
    return prefix + lines[:-1].replace(b"\n", b"\n" + prefix) + b"\n"
