"""The one file that says where contctl answers otherwise than docker, and why."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parents[2] / "docs" / "differences.toml"


@dataclass(frozen=True)
class Difference:
    """One of its entries.

    commands: those that it is about, none for all whose exit code is never a container's.
    docker, contctl: the two exit codes, where they differ.
    stdout: `any order`: the same lines in another order; `other`: other data.
    stderr: `other`: other words where neither program failed.
    after: `other`: something else is left behind.
    """

    id: str
    what: str
    reason: str
    commands: tuple[str, ...] = ()
    docker: int | None = None
    contctl: int | None = None
    stdout: Literal["", "any order", "other"] = ""
    stderr: Literal["", "other"] = ""
    after: Literal["", "other"] = ""


@cache
def differences() -> dict[str, Difference]:
    """The entries by their ids."""
    tables = tomllib.loads(FILE.read_text())["difference"]
    entries = [
        Difference(**{**table, "commands": tuple(table.get("commands", ()))}) for table in tables
    ]
    found = {each.id: each for each in entries}
    assert len(found) == len(entries), "two entries have one id"
    return found
