"""What a run of contctl imports, as the interpreter itself reports it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable

from tests.e2e.machine import SECONDS, Machine

_LINE = re.compile(r"import time: +\d+ \| +\d+ \|( +)(\S+)$", re.MULTILINE)


class Imports:
    """All modules that a process imported, and from where.

    report: standard error under `-X importtime`. A module's line comes after those of all that it
    imports, which are indented by two blanks more.
    """

    def __init__(self, report: str) -> None:
        self._found = [(len(blanks), name) for blanks, name in _LINE.findall(report)]

    def chains(self, modules: Iterable[str]) -> list[str]:
        """For each of `modules` that was imported, itself or a part of it: how that came about."""
        wanted = tuple(modules)
        chains: dict[str, str] = {}
        for place, (_, name) in enumerate(self._found):
            for module in wanted:
                if name == module or name.startswith(f"{module}."):
                    chains.setdefault(module, self._chain(place))
        return list(chains.values())

    def _chain(self, place: int) -> str:
        depth, name = self._found[place]
        names = [name]
        for other_depth, other in self._found[place:]:
            if other_depth < depth:
                depth = other_depth
                names.append(other)
        return " < ".join(names)


def imports_of(machine: Machine, *args: str, code: int = 0, terminal: bool = False) -> Imports:
    """Run `contctl ARGS`, which must end with `code`; its password, if it needs one, is there.

    terminal: whether its standard output is a pseudo-terminal; otherwise it is a pipe.
    """
    near, far = os.openpty() if terminal else os.pipe()
    with open(near, "rb"), open(far, "wb") as output:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "contctl", *args],
            env=machine.environment({"TERM": "xterm-256color"}),
            input=b"another long enough password",
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            timeout=SECONDS,
        )
    report = done.stderr.decode(errors="replace")
    assert done.returncode == code, _LINE.sub("", report)
    return Imports(report)
