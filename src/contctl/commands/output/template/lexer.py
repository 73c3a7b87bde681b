"""Go's template source cut into text and actions, and actions into tokens (text/template/parse)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contctl.commands.output.template.problems import Problem, named

BLANKS = " \t\r\n"
_COMMENT = re.compile(r"\{\{(?:-[ \t\r\n]+)?/\*")
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<char>'(?:[^'\\\n]|\\.)*')
    | (?P<number>[+-]?\.?[0-9](?:[eEpP][+-]?(?=[0-9])|[\w.])*)
    | (?P<variable>\$\w*)
    | (?P<field>\.\w+)
    | (?P<dot>\.)
    | (?P<word>\w+)
    | (?P<sign>:=|[=|(),])
    """,
    re.VERBOSE,
)
_ENDED = frozenset(("word", "field", "variable", "number"))
"""Tokens that something has to come after which cannot be a part of them."""
_ENDS = frozenset(" \t\r\n.,|:()=")


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `end` is the kind of the one that closes an action."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stands between actions, or an action: its source and its tokens."""

    text: str
    tokens: tuple[Token, ...] | None = None


def pieces(source: str) -> Iterator[Piece]:
    """The pieces of `source`, without comments; ContctlError USAGE for one that is none.

    `{{- ` and ` -}}` take the blanks before and after away.
    """
    position, trimmed = 0, False
    while position < len(source):
        start = source.find("{{", position)
        text = source[position:] if start < 0 else source[position:start]
        if trimmed:
            text = text.lstrip(BLANKS)
        if start < 0:
            yield Piece(text)
            return
        if _trims(source, start + 2):
            text = text.rstrip(BLANKS)
        if text:
            yield Piece(text)
        try:
            tokens, position, trimmed = _action(source, start)
        except Problem as problem:
            raise named(problem, _part(source, start)) from None
        if tokens is not None:
            yield Piece(source[start:position], tokens)


def _trims(source: str, position: int) -> bool:
    return source.startswith("-", position) and source[position + 1 : position + 2] in tuple(BLANKS)


def _action(source: str, start: int) -> tuple[tuple[Token, ...] | None, int, bool]:
    """The tokens of the action at `start`, where it ends, and whether it trims what follows. No
    tokens for a comment."""
    comment = _COMMENT.match(source, start)
    if comment:
        end = source.find("*/", comment.end())
        closing = _closing(source, end + 2) if end >= 0 else None
        if closing is None:
            raise Problem("the comment is not closed")
        return None, *closing
    position = start + (3 if _trims(source, start + 2) else 2)
    tokens: list[Token] = []
    while True:
        closing = _closing(source, position)
        if closing is not None:
            return (*tokens, Token("end", "")), *closing
        match = _TOKEN.match(source, position)
        if match is None:
            raise _unknown(source, position)
        position = match.end()
        kind = match.lastgroup or ""
        after = source[position : position + 1]
        if kind in _ENDED and after not in _ENDS and after != "}":
            raise Problem(f"{after!r} cannot stand after {match.group()}" if after else _OPEN)
        tokens.append(Token(kind, match.group()))


_OPEN = "it is not closed"


def _unknown(source: str, position: int) -> Problem:
    character = source[position : position + 1]
    if not character:
        return Problem(_OPEN)
    if character in "\"'`":
        return Problem("a quotation is not closed")
    return Problem(f"{character!r} means nothing there")


def _closing(source: str, position: int) -> tuple[int, bool] | None:
    """Where the action ends and whether it trims what follows; None where it does not end."""
    if source[position : position + 1] in tuple(BLANKS) and source.startswith("-}}", position + 1):
        return position + 4, True
    return (position + 2, False) if source.startswith("}}", position) else None


def _part(source: str, start: int) -> str:
    end = source.find("}}", start)
    return source[start:] if end < 0 else source[start : end + 2]
