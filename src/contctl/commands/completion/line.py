"""Where on a command line the cursor is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from typer.core import TyperOption

from contctl.commands.lazy import Entry, LazyGroup

CONTEXT = "global_context"
"""The name of the option `--context`."""


@dataclass
class Place:
    """What the words before the cursor make of it.

    group: the last one that they name.  entry: the command in it, not loaded; None where they name
    none.  given: its arguments.  flags: names of its options.  pending: the option whose value
    comes next.  ended: whether no option may come any more.  context: what `--context` names.
    """

    group: LazyGroup
    entry: Entry | None = None
    given: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    pending: Any = None
    ended: bool = False
    context: str | None = None

    @cached_property
    def options(self) -> dict[str, Any]:
        """The options by each of their names; this is what loads the command."""
        command = self.entry.load() if self.entry else self.group
        options = [param for param in command.params if isinstance(param, TyperOption)]
        return {name: option for option in options for name in option.opts}


def place_after(root: LazyGroup, words: Sequence[str]) -> Place | None:
    """Where the cursor is after `words`, without the program's name; None after a command that is
    not known."""
    place = Place(root)
    for word in words:
        if place.pending is not None:
            _note(place, place.pending, word)
            place.pending = None
        elif not place.ended and word == "--":
            place.ended = True
        elif not place.ended and len(word) > 1 and word.startswith("-"):
            place.pending = _takes_the_next(word, place)
        elif place.entry is None:
            found = place.group.entry(word)
            if found is None:
                return None
            group, entry = (
                (place.group, found) if isinstance(found, Entry) else (found.load(), None)
            )
            place = Place(group, entry, context=place.context)
        else:
            place.given.append(word)
            place.ended = place.ended or place.entry.options_first
    return place


def _takes_the_next(word: str, place: Place) -> Any:
    """The option in `word` whose value is the next word; None if there is none."""
    options = place.options
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        place.flags.add(name)
        option = options.get(name)
        if option is None or option.is_flag:
            return None
        return _note(place, option, value) if equals else option
    for number, letter in enumerate(word[1:], 2):
        option = options.get(f"-{letter}")
        place.flags.add(f"-{letter}")
        if option is None:
            return None
        if not option.is_flag:
            value = word[number:]
            return _note(place, option, value.removeprefix("=")) if value else option
    return None


def _note(place: Place, option: Any, value: str) -> None:
    """Note the value of an option, where others depend on it."""
    if option.name == CONTEXT:
        place.context = value
