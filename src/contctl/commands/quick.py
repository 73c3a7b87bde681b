"""Everyday command lines in their plain forms, read without typer, whose import takes a third of
the time of a `ps`. Every other command line is typer's; what both read, they read alike.
"""

from collections.abc import Sequence
from typing import NamedTuple

_LISTS = (("ps",), ("container", "ls"), ("container", "ps"), ("container", "list"))
_FLAGS = {
    "-a": "all",
    "--all": "all",
    "-q": "quiet",
    "--quiet": "quiet",
    "-s": "size",
    "--size": "size",
    "-l": "latest",
    "--latest": "latest",
    "--no-trunc": "no_trunc",
    "--json": "json",
}
_CHANGES = ("start", "stop", "restart", "kill")
_GRACES = ("-t", "--time", "--timeout")
_STOPPING = ("stop", "restart")
_MOST_DIGITS = 9


class Listing(NamedTuple):
    """What `ps` is asked for, by its options."""

    all: bool = False
    filters: tuple[str, ...] = ()
    format: str | None = None
    last: int = -1
    latest: bool = False
    no_trunc: bool = False
    quiet: bool = False
    size: bool = False
    watch: bool = False
    json: bool = False


class Change(NamedTuple):
    """What `start`, `stop`, `restart` or `kill`, the action, is to do with the containers `refs`.
    grace: seconds, None for the container's own."""

    action: str
    refs: tuple[str, ...]
    grace: int | None = None


class QuickLine(NamedTuple):
    """A command line that asks for `asked`, and its global options."""

    asked: Listing | Change
    context: str | None = None
    no_input: bool = False


def read_quickly(args: Sequence[str]) -> QuickLine | None:
    """What `args` ask for; None for what typer has to read."""
    words, names, flags = list(args), list[str](), set[str]()
    context, no_input, grace = None, False, None
    while words:
        word = words.pop(0)
        value = words[0] if words else ""
        if word in ("--context", "-c") and value[:1] not in ("", "-"):
            context = words.pop(0)
        elif word == "--no-input":
            no_input = True
        elif not word.startswith("-"):
            names.append(word)
        elif tuple(names) in _LISTS and (found := _flags(word)):
            flags |= found
        elif _change(names) in _STOPPING and word in _GRACES and _is_number(value):
            grace = int(words.pop(0))
        else:
            return None
    asked = _asked(names, flags, grace)
    return asked and QuickLine(asked, context, no_input)


def _asked(names: list[str], flags: set[str], grace: int | None) -> Listing | Change | None:
    if tuple(names) in _LISTS:
        return Listing(
            all="all" in flags,
            latest="latest" in flags,
            no_trunc="no_trunc" in flags,
            quiet="quiet" in flags,
            size="size" in flags,
            json="json" in flags,
        )
    action = _change(names)
    refs = tuple(names[names.index(action) + 1 :]) if action else ()
    return Change(action, refs, grace) if refs else None


def _flags(word: str) -> set[str]:
    """The fields that `word` sets, one option or several letters; none if it is anything else."""
    if word in _FLAGS:
        return {_FLAGS[word]}
    letters = [f"-{letter}" for letter in word[1:]]
    return {_FLAGS[each] for each in letters} if all(map(_FLAGS.__contains__, letters)) else set()


def _change(names: list[str]) -> str:
    """The action that `names` begin with; empty where it is none of those that are read here."""
    action = (names[1:2] if names[:1] == ["container"] else names[:1]) or [""]
    return action[0] if action[0] in _CHANGES else ""


def _is_number(word: str) -> bool:
    """Whether `word` is a number in plain digits, not an octal one as docker reads them."""
    digits = word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS
    return digits and (word == "0" or word[0] != "0")
