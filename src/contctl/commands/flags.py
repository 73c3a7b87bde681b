"""Docker's ways to write the values of options, as typer's parser takes them.

Docker's parser (spf13/pflag) takes `--flag=BOOL` and `-f=BOOL` for its boolean options, and an
equals sign between a short option and its value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from contctl.core.errors import ContctlError, ErrorCode

_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
"""What Go's strconv.ParseBool takes."""


class Option(Protocol):
    """What is asked of an option. opts: its names with their dashes.  secondary_opts: names that
    turn it off."""

    opts: list[str]
    secondary_opts: list[str]
    is_bool_flag: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """Some arguments; option: the boolean option that they set, or turn off, None for anything
    else."""

    words: tuple[str, ...]
    option: Option | None = None
    off: bool = False


def plain(args: Sequence[str], options: Iterable[Option], *, interspersed: bool) -> list[str]:
    """`args` without these forms. interspersed: whether options may follow an argument.

    Nothing after `--` is touched, and without `interspersed` nothing from the first argument on. A
    boolean option that is set to false is left out, or written as the name that turns it off, and
    what set it before is left out. ContctlError USAGE for a value that is no boolean.
    """
    known = {name: option for option in options for name in option.opts}
    parts: list[_Part] = []
    left = list(args)
    while left:
        word = left.pop(0)
        if word == "--" or (not interspersed and not _is_option(word)):
            parts.append(_Part((word, *left)))
            break
        parts += _read(word, left, known)
        last = parts[-1].option
        if last is not None and parts[-1].off:
            parts = [*(part for part in parts if part.option is not last), parts[-1]]
    return [word for part in parts for word in part.words]


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _read(word: str, left: list[str], known: Mapping[str, Option]) -> list[_Part]:
    """The parts of one word, and of the value that it takes from those that are `left`."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        option = known.get(name)
        if option is None:
            return [_Part((word,))]
        if option.is_bool_flag:
            return [_flag(option, name, value if equals else None)]
        return [_Part((word,) if equals else (word, *_taken(left)))]
    return _read_short(word, left, known) if _is_option(word) else [_Part((word,))]


def _read_short(word: str, left: list[str], known: Mapping[str, Option]) -> list[_Part]:
    parts: list[_Part] = []
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        option = known.get(name)
        if option is None:
            return [*parts, _Part((f"{name}{letters}",))]
        if not option.is_bool_flag:
            value = [letters.removeprefix("=")] if letters else _taken(left)
            return [*parts, _Part((name, *value))]
        if letters.startswith("="):
            return [*parts, _flag(option, name, letters[1:])]
        parts.append(_flag(option, name, None))
    return parts


def _taken(left: list[str]) -> list[str]:
    return [left.pop(0)] if left else []


def _flag(option: Option, name: str, value: str | None) -> _Part:
    """The part that sets `option` or turns it off."""
    if value is not None and value not in _BOOLS:
        raise ContctlError(ErrorCode.USAGE, f'invalid argument "{value}" for "{name}"')
    if value is None or _BOOLS[value]:
        return _Part((name,), option)
    return _Part(tuple(option.secondary_opts[:1]), option, off=True)
