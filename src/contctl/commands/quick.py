"""`contctl ps` with its plain options, read without typer, whose import takes a third of its time.
Every other command line is typer's; what both read, they read alike.
"""

from collections.abc import Sequence
from typing import NamedTuple

_NAMES = (("ps",), ("container", "ls"), ("container", "ps"), ("container", "list"))
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


class QuickListing(NamedTuple):
    """A command line that asks for `asked`, and its global options."""

    asked: Listing
    context: str | None = None
    no_input: bool = False


def read_listing(args: Sequence[str]) -> QuickListing | None:
    """What `args` ask for; None for what typer has to read."""
    words, names, chosen = list(args), list[str](), set[str]()
    context, no_input = None, False
    while words:
        word = words.pop(0)
        if word in ("--context", "-c") and words and words[0][:1] not in ("", "-"):
            context = words.pop(0)
        elif word == "--no-input":
            no_input = True
        elif not word.startswith("-"):
            names.append(word)
        elif tuple(names) in _NAMES and (found := _flags(word)):
            chosen |= found
        else:
            return None
    if tuple(names) not in _NAMES:
        return None
    asked = Listing(
        all="all" in chosen,
        latest="latest" in chosen,
        no_trunc="no_trunc" in chosen,
        quiet="quiet" in chosen,
        size="size" in chosen,
        json="json" in chosen,
    )
    return QuickListing(asked, context, no_input)


def _flags(word: str) -> set[str]:
    """The fields that `word` sets, one option or several letters; none if it is anything else."""
    if word in _FLAGS:
        return {_FLAGS[word]}
    letters = [f"-{letter}" for letter in word[1:]]
    return {_FLAGS[each] for each in letters} if all(map(_FLAGS.__contains__, letters)) else set()
