"""The cases, which are data: `cases/COMMAND.toml`, a file for each of docker's commands.

A file may have `lines` (cases with nothing more to say), `[[case]]` tables (the fields of `Case`),
`[shapes]` (names of containers, and the line of docker's that makes each), `[files]` (what lies in
the working folder) and `after` (lines of docker's whose output is compared as well, for each case).

In all lines `@word` stands for something: `@a` and every other single letter for the name of a
container of the case's own, made by its shape if it has one, and `@a_id` for its ID; the other
words are in `conftest.py`.
"""

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"
WORD = re.compile(r"@([a-z][a-z0-9_]*)")
GATEWAY_STEP = 7
"""One case of so many also runs through a gateway."""


@dataclass(frozen=True)
class Case:
    """One command line.

    line: what both programs are given.  stdin: what they read.
    before: lines that docker runs before, for each program anew; one that begins with `-` may
    fail.  after: lines that docker runs
    afterwards, and whose output is compared too.
    differs: names of entries of the file of differences.
    only: a regular expression; its matches are compared instead of the whole of the data.
    sorted: the engine answers in no order, so that lines are compared in order of the alphabet.
    dialog: on a terminal of 120 by 30, pairs of what is awaited and what is typed then.
    interrupt: seconds after which SIGINT is sent.
    alone: nothing else runs at the same time.  gateway: whether it may run through one.
    """

    command: str
    number: int
    line: str
    stdin: str = "input\n"
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    only: str = ""
    sorted: bool = False
    dialog: tuple[tuple[str, str], ...] | None = None
    interrupt: float = 0.0
    alone: bool = False
    gateway: bool = True
    shapes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tests call it."""
        return f"{self.command}-{self.number:02}: {self.line}"

    @property
    def own(self) -> tuple[str, ...]:
        """The letters of its own containers, in their order."""
        text = " ".join((*self.before, self.line, *self.after))
        found = {word.removesuffix("_id") for word in WORD.findall(text)}
        found = {word for word in found if len(word) == 1}
        needed = {word for each in found for word in WORD.findall(self.shapes.get(each, ""))}
        return tuple(sorted(found | {word for word in needed if len(word) == 1}))


def words_of(line: str) -> list[str]:
    """The words of a line, as a shell parts them."""
    return shlex.split(line)


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    return tuple(case for path in sorted(FOLDER.glob("*.toml")) for case in _read(path))


def through_gateway() -> tuple[Case, ...]:
    """The sample that also runs through a gateway."""
    return tuple(case for case in cases() if case.gateway and case.number % GATEWAY_STEP == 1)


def _read(path: Path) -> list[Case]:
    text: dict[str, Any] = tomllib.loads(path.read_text())
    shared = Case(
        command=path.stem,
        number=0,
        line="",
        after=tuple(text.pop("after", ())),
        shapes=text.pop("shapes", {}),
        files=text.pop("files", {}),
    )
    given = [{"line": line} for line in text.pop("lines", ())] + text.pop("case", [])
    assert not text, f"{path.name} has {list(text)}"
    return [
        replace(shared, number=number, **{key: _fixed(value) for key, value in each.items()})
        for number, each in enumerate(given, start=1)
    ]


def _fixed(value: Any) -> Any:
    return tuple(_fixed(each) for each in value) if isinstance(value, list) else value
