"""The values of a template, as Go's reflection tells them apart.

None is a nil interface, as JSON's null is in a map. A `dict` is a map and a `list` a slice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contctl.commands.output.template.problems import Problem


class NoValue:
    """What a map has under a key that is not there."""


NO_VALUE = NoValue()


class NilPointer:
    """A pointer that points nowhere."""


NIL_POINTER = NilPointer()


class Own(str):
    """Text of the template itself, or made of it: what came from outside in it was shown already,
    so that its line ends and tabs may reach a terminal."""

    __slots__ = ()


class Number(str):
    """A number of a JSON document as it is written there (encoding/json, Number)."""

    __slots__ = ()


class Time(str):
    """A moment, as Go prints it. document: as JSON has it."""

    def __new__(cls, text: str, document: str) -> "Time":
        made = super().__new__(cls, text)
        made.document = document
        return made

    document: str


class Duration(int):
    """Nanoseconds, printed as Go does (time, `Duration.String`): `1h0m0s`, `1.5s`, `20ms`."""

    __slots__ = ()

    def __str__(self) -> str:
        sign, left = "-" if self < 0 else "", abs(int(self))
        if left < 1_000_000_000:
            for unit, worth in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
                if left >= worth:
                    return f"{sign}{_decimal(left, worth)}{unit}"
            return "0s"
        minutes, left = divmod(left, 60_000_000_000)
        hours, minutes = divmod(minutes, 60)
        whole = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
        return f"{sign}{whole}{_decimal(left, 1_000_000_000)}s"


def _decimal(count: int, worth: int) -> str:
    whole, rest = divmod(count, worth)
    fraction = f"{rest:0{len(str(worth)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)


class Struct(dict[str, Any]):
    """The fields of a struct by their names; to ask for another one is an error.

    document: what it is as JSON; the fields themselves if None.
    """

    __slots__ = ("document",)

    def __init__(self, fields: Mapping[str, Any], document: Mapping[str, Any] | None = None):
        super().__init__(fields)
        self.document = fields if document is None else document


class Row(Struct):
    """What a template is applied to: docker writes its JSON so that HTML may hold it."""

    __slots__ = ()

    @classmethod
    def of(cls, data: Any) -> Any:
        """A plain mapping as a row; all else as it is."""
        return cls(data) if type(data) is dict else data


class Map(dict[str, Any]):
    """A map whose type is known. nil: it is nil, and null as JSON.  zero: what `index` answers for
    an absent key.  key: the type of its keys where that is not string."""

    __slots__ = ("key", "nil", "zero")

    def __init__(
        self, items: Mapping[str, Any] | None, zero: Any = None, key: str | None = None
    ) -> None:
        super().__init__(items or {})
        self.nil = items is None
        self.zero = zero
        self.key = key


class Slice(list[Any]):
    """A slice whose type is known. nil: it is nil, and null as JSON.  of: the type of its items."""

    __slots__ = ("nil", "of")

    def __init__(self, items: list[Any] | None, of: str = "string") -> None:
        super().__init__(items or [])
        self.nil = items is None
        self.of = of


@dataclass(frozen=True, slots=True)
class Method:
    """A method that takes one text and answers one."""

    call: Any


def type_name(value: object) -> str:
    """The name of a value's type in Go, as near as is known."""
    match value:
        case bool():
            return "bool"
        case Number():
            return "json.Number"
        case str():
            return "string"
        case int():
            return "int"
        case float():
            return "float64"
        case Struct():
            return "struct"
        case Map() | dict():
            return "map[string]interface {}"
        case list():
            return "[]interface {}"
        case NilPointer():
            return "nil pointer"
    return "nil"


def is_true(value: object) -> bool:
    """Go's truth: not false, zero, nil or empty."""
    return isinstance(value, Struct) or not (value is NO_VALUE or value is NIL_POINTER or not value)


def kind(value: object) -> str | None:
    """The kind of what can be ordered or compared by its value; None for all else."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    return "string" if isinstance(value, str) else None


def is_nil(value: object) -> bool:
    """Whether it is a nil of some type."""
    nothing = value is None or value is NO_VALUE or value is NIL_POINTER
    return nothing or (isinstance(value, Map | Slice) and value.nil)


def equal(first: object, others: tuple[object, ...]) -> bool:
    """Whether `first` equals one of `others` (text/template, eq)."""
    if not others:
        raise Problem("a comparison needs two values")
    return any(_equals(first, other) for other in others)


def _equals(first: object, other: object) -> bool:
    kinds = kind(first), kind(other)
    absent = any(value is None or value is NO_VALUE for value in (first, other))
    if kinds[0] != kinds[1]:
        if not absent:
            raise _incompatible(first, other)
        return False
    if kinds[0] is not None:
        return first == other
    if is_nil(first) or is_nil(other):
        return is_nil(first) == is_nil(other)
    raise Problem(f"values of the type {type_name(first)} cannot be compared")


def less(first: object, other: object) -> bool:
    """Whether `first` comes before `other` (text/template, lt)."""
    ordered = kind(first)
    if ordered != kind(other):
        raise _incompatible(first, other)
    if ordered in (None, "bool"):
        raise Problem(f"values of the type {type_name(first)} have no order")
    if isinstance(first, str) and isinstance(other, str):
        return first.encode("utf-8", "surrogatepass") < other.encode("utf-8", "surrogatepass")
    return bool(first < other)  # type: ignore[operator]


def _incompatible(first: object, other: object) -> Problem:
    return Problem(f"a {type_name(first)} and a {type_name(other)} cannot be compared")
