"""The functions of templates: Go's own (text/template, "Functions"), and docker's.

Each takes its arguments and answers a value, or raises Problem. `and` and `or` are the evaluator's,
for they do not look at all of their arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from contctl.commands.output.template.documents import to_json_of
from contctl.commands.output.template.formatting import sprintf
from contctl.commands.output.template.printing import Show, sprint, sprintln
from contctl.commands.output.template.problems import Problem
from contctl.commands.output.template.values import (
    NIL_POINTER,
    NO_VALUE,
    Number,
    Own,
    Slice,
    Struct,
    equal,
    is_true,
    less,
    type_name,
)

Function = Callable[[Show, Sequence[Any]], Any]

_WIDEST = 10_000
"""Spaces that a `pad` puts on a side."""
_HTML = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\ufffd"}
)


def _kept(change: Callable[[str], str]) -> Callable[[str], str]:
    """`change`, whose answer is the template's own text where what it was given is."""

    def changed(text: str) -> str:
        return Own(change(text)) if isinstance(text, Own) else change(text)

    return changed


def _upper(text: str) -> str:
    return "".join(each.upper() if len(each.upper()) == 1 else each for each in text)


def _lower(text: str) -> str:
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _title(text: str) -> str:
    shown, before = [], " "
    for each in text:
        inside = before.isalnum() or before == "_" if before.isascii() else not before.isspace()
        shown.append(each if inside else _upper(each))
        before = each
    return "".join(shown)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _cut(text: str, start: int, end: int) -> str:
    """Bytes `start` to `end` of it, as Go slices text."""
    cut = _bytes(text)[start:end].decode("utf-8", "replace")
    return Own(cut) if isinstance(text, Own) else cut


def _text(value: Any) -> str:
    if isinstance(value, str) and not isinstance(value, Number):
        return value
    raise Problem(f"a string was expected, not a value of the type {type_name(value)}")


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Problem(f"an integer was expected, not a value of the type {type_name(value)}")


def _takes(count: int, function: Callable[..., Any]) -> Function:
    """A function of `count` arguments."""

    def checked(_show: Show, values: Sequence[Any]) -> Any:
        if len(values) != count:
            raise Problem(f"{count} arguments are needed, not {len(values)}")
        return function(*values)

    return checked


def _join(show: Show, values: Sequence[Any]) -> str:
    if len(values) != 2:
        raise Problem(f"2 arguments are needed, not {len(values)}")
    items, separator = values
    if items is NO_VALUE:
        items = []
    strings = isinstance(items, list) and getattr(items, "of", "string") == "string"
    if not strings or not all(isinstance(each, str) for each in items):
        raise Problem("join takes a list of strings")
    # A line end that the template puts between them is its own, whatever is in them.
    shown = [each if isinstance(each, Own) else show(each) for each in (_text(separator), *items)]
    return Own(shown[0].join(shown[1:]))


def _split(text: Any, separator: Any) -> list[str]:
    text, separator = _text(text), _text(separator)
    return Slice(text.split(separator) if separator else list(text))


def _pad(text: Any, before: Any, after: Any) -> str:
    text, spaces = _text(text), [_whole(before), _whole(after)]
    if not all(0 <= count <= _WIDEST for count in spaces):
        raise Problem(f"pad takes 0 to {_WIDEST} spaces")
    padded = _kept(lambda text: f"{' ' * spaces[0]}{text}{' ' * spaces[1]}")
    return padded(text) if text else text


def _truncate(text: Any, length: Any) -> str:
    text, length = _text(text), _whole(length)
    if length < 0:
        raise Problem("truncate takes no negative length")
    return text if len(_bytes(text)) < length else _cut(text, 0, length)


def _len(value: Any) -> int:
    if isinstance(value, str):
        return len(_bytes(value))
    if isinstance(value, list | Mapping) and not isinstance(value, Struct):
        return len(value)
    raise Problem(f"a value of the type {type_name(value)} has no length")


def _index(_show: Show, values: Sequence[Any]) -> Any:
    if not values:
        raise Problem("index needs a value")
    item, *keys = values
    for key in keys:
        item = _item(item, key)
    return item


def _item(item: Any, key: Any) -> Any:
    if isinstance(item, Mapping) and not isinstance(item, Struct):
        if not isinstance(key, str) or isinstance(key, Number) or getattr(item, "key", None):
            raise Problem(f"a map has no key of the type {type_name(key)}")
        return item[key] if key in item else getattr(item, "zero", None)
    if isinstance(item, list | str):
        whole = _bytes(item) if isinstance(item, str) else item
        at = _whole(key)
        if not 0 <= at < len(whole):
            raise Problem(f"the index {at} is out of range")
        return whole[at]
    if item is None or item is NO_VALUE or item is NIL_POINTER:
        raise Problem("nil has no items")
    raise Problem(f"a value of the type {type_name(item)} has no items")


def _slice(_show: Show, values: Sequence[Any]) -> Any:
    if not values or not isinstance(values[0], list | str):
        raise Problem("slice takes a list or a string")
    item, *bounds = values
    if len(bounds) > (2 if isinstance(item, str) else 3):
        raise Problem("slice takes no more bounds")
    length = _len(item)
    indexes = [_whole(bound) for bound in bounds]
    if not all(0 <= index <= length for index in indexes) or indexes != sorted(indexes):
        raise Problem("the bounds of a slice are out of range")
    start, end = [*indexes, *(0, length)[len(indexes[:2]) :]][:2]
    return _cut(item, start, end) if isinstance(item, str) else Slice(item[start:end])


def _not_less(first: Any, other: Any) -> bool:
    return not less(first, other)


def _at_most(first: Any, other: Any) -> bool:
    return less(first, other) or equal(first, (other,))


def _html(show: Show, values: Sequence[Any]) -> str:
    return Own(sprint(values, show).translate(_HTML))


def _urlquery(show: Show, values: Sequence[Any]) -> str:
    return Own(quote_plus(sprint(values, show), safe="", errors="replace"))


def _printf(show: Show, values: Sequence[Any]) -> str:
    if not values:
        raise Problem("printf needs a format")
    return sprintf(_text(values[0]), values[1:], show)


FUNCTIONS: Mapping[str, Function] = {
    "eq": lambda _, values: equal(values[0] if values else None, tuple(values[1:])),
    "ne": _takes(2, lambda first, other: not equal(first, (other,))),
    "lt": _takes(2, less),
    "le": _takes(2, _at_most),
    "gt": _takes(2, lambda first, other: not _at_most(first, other)),
    "ge": _takes(2, _not_less),
    "not": _takes(1, lambda value: not is_true(value)),
    "len": _takes(1, _len),
    "index": _index,
    "slice": _slice,
    "print": lambda show, values: sprint(values, show),
    "println": lambda show, values: sprintln(values, show),
    "printf": _printf,
    "html": _html,
    "urlquery": _urlquery,
    "json": _takes(1, to_json_of),
    "split": _takes(2, _split),
    "join": _join,
    "title": _takes(1, lambda text: _kept(_title)(_text(text))),
    "lower": _takes(1, lambda text: _kept(_lower)(_text(text))),
    "upper": _takes(1, lambda text: _kept(_upper)(_text(text))),
    "pad": _takes(3, _pad),
    "truncate": _takes(2, _truncate),
}

HEADING_FUNCTIONS: Mapping[str, Function] = {
    **FUNCTIONS,
    **dict.fromkeys(("json", "title", "lower", "upper"), _takes(1, _text)),
    "truncate": _takes(2, lambda text, _length: _text(text)),
}
"""Docker's for the head of a table, which is to stay as it is (docker/cli, `HeaderFunctions`)."""

LAZY = ("and", "or")
NAMES = frozenset((*FUNCTIONS, *LAZY))
