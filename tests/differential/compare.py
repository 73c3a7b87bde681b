"""What two programs made of one line, held against each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.differential.differences import Difference
from tests.differential.normal import normal
from tests.differential.table import Case


@dataclass(frozen=True)
class Seen:
    """How a program ended, and what it left.

    after: what docker then says.  files: the working folder, path by path.
    """

    code: int
    out: str
    err: str
    after: str = ""
    files: str = ""


def problems(case: Case, docker: Seen, ours: Seen, known: Mapping[str, Difference]) -> list[str]:
    """Where `ours` is not as docker's, and not as a listed difference says either."""
    entries = [known[name] for name in case.differs]
    found = [
        _codes(docker.code, ours.code, entries),
        _data(case, docker.out, ours.out, entries),
        _errors(docker, ours, entries),
        _left(docker, ours, entries),
    ]
    return [each for each in found if each]


def _codes(docker: int, ours: int, entries: list[Difference]) -> str:
    wanted = (docker, docker)
    for entry in entries:
        if entry.contctl is not None:
            wanted = (entry.docker if entry.docker is not None else docker, entry.contctl)
    if (docker, ours) == wanted:
        return ""
    return f"exit codes: docker's {docker}, contctl's {ours}, expected {wanted}"


def _data(case: Case, docker: str, ours: str, entries: list[Difference]) -> str:
    kinds = {entry.stdout for entry in entries}
    theirs, mine = (_shown(case, normal(text)) for text in (docker, ours))
    if "other" in kinds:
        return "" if theirs != mine else "the data do not differ, as the list of differences says"
    if "any order" in kinds:
        theirs, mine = ("".join(sorted(text.splitlines(True))) for text in (theirs, mine))
    return "" if theirs == mine else f"data:\n--- docker\n{theirs}\n+++ contctl\n{mine}"


def _shown(case: Case, text: str) -> str:
    if case.only:
        text = "".join(f"{found}\n" for found in re.findall(case.only, text))
    return "".join(sorted(text.splitlines(True))) if case.sorted else text


def _errors(docker: Seen, ours: Seen, entries: list[Difference]) -> str:
    others = any(entry.stderr == "other" for entry in entries)
    lines = ours.err.splitlines()
    if any(line.startswith(("error: ", "error[")) for line in lines):
        errors = [line for line in lines if line.startswith(("error: ", "error["))]
        hints = [line for line in lines if line.startswith("hint: ")]
        rest = [line for line in lines if line not in errors and line not in hints]
        theirs = docker.err.splitlines()
        told = [line for line in rest if line not in theirs]
        if (told and not others) or len(hints) > len(errors):
            return f"standard error:\n{ours.err}"
        return ""
    if others:
        return ""
    if ours.code and docker.code and not ours.err and docker.err and ours.code == docker.code:
        return "" if _is_status(docker.err) else f"no error, where docker has\n{docker.err}"
    said, answered = normal(docker.err), normal(ours.err)
    return (
        "" if said == answered else f"standard error:\n--- docker\n{said}\n+++ contctl\n{answered}"
    )


def _is_status(text: str) -> bool:
    """Whether docker says nothing but the container's exit code, or that it was interrupted."""
    return text.strip() in ("", "context canceled") or text.startswith("exit status")


def _left(docker: Seen, ours: Seen, entries: list[Difference]) -> str:
    if any(entry.after == "other" for entry in entries):
        return ""
    theirs, mine = (normal(f"{seen.after}\n{seen.files}") for seen in (docker, ours))
    return "" if theirs == mine else f"afterwards:\n--- docker\n{theirs}\n+++ contctl\n{mine}"
