"""The flags of docker's commands, as its help tells them, and those that a line uses."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SUBCOMMANDS = (
    "attach commit cp create diff exec export inspect kill logs ls pause port prune rename restart"
    " rm run start stats stop top unpause update wait"
)
COMMANDS = tuple(f"{_SUBCOMMANDS} pull images events".split(" "))
SHORTCUTS = {"ls": "ps"}
"""What a subcommand is called at the top level, where it is not its own name."""
NOT_SHORTCUTS = ("prune",)
"""Subcommands that docker has in the group only; `docker inspect` is of all kinds of objects."""
OPTIONS_FIRST = ("create", "exec", "run", "top")
_FLAG = re.compile(r"^ {2}(?:(-\w),|   ) (--[a-z0-9-]+)( [a-z0-9A-Z-]+)?(?: {2,}|$)", re.MULTILINE)


@dataclass(frozen=True)
class Flag:
    """short: with its dash, or empty."""

    long: str
    short: str
    takes_value: bool


def flags_of(command: str, docker: str, environ: Mapping[str, str]) -> dict[str, Flag]:
    """The flags of `docker container COMMAND` by their long names. Docker leaves out what the
    engine that `environ` names is too old for."""
    words = [command] if command in ("pull", "images", "events") else ["container", command]
    done = subprocess.run(
        [docker, *words, "--help"], env=dict(environ), capture_output=True, text=True, check=True
    )
    found = [Flag(long, short, bool(kind)) for short, long, kind in _FLAG.findall(done.stdout)]
    return {flag.long: flag for flag in found if flag.long != "--help"}


def command_of(words: list[str]) -> tuple[str, list[str]]:
    """The command of a line by its name in the group, and what follows."""
    name, rest = (words[1], words[2:]) if words[0] == "container" else (words[0], words[1:])
    for subcommand, shortcut in SHORTCUTS.items():
        if name == shortcut:
            name = subcommand
    return name, rest


def used(command: str, words: list[str], flags: Iterable[Flag]) -> set[str]:
    """The long names of the flags that the words after `command` give it."""
    known = {name: flag for flag in flags for name in (flag.long, flag.short) if name}
    found: set[str] = set()
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--" or (not word.startswith("-") and command in OPTIONS_FIRST):
            break
        if word.startswith("--"):
            name, equals, _ = word.partition("=")
            flag = known.get(name)
            if flag:
                found.add(flag.long)
                del left[: 1 if flag.takes_value and not equals else 0]
        elif word.startswith("-"):
            letters = word[1:]
            while letters:
                flag, letters = known.get(f"-{letters[0]}"), letters[1:]
                if flag is None:
                    break
                found.add(flag.long)
                if flag.takes_value or letters.startswith("="):
                    del left[: 0 if letters else 1]
                    break
    return found


def no_engine(folder: Path) -> dict[str, str]:
    """The environment in which docker's help shows every flag."""
    return {"HOME": str(folder), "DOCKER_HOST": f"unix://{folder}/no-engine.sock"}
