"""An inbound port all of whose answers are made of hostile text, built from the port's own types,
so that it knows every method and field there is."""

import collections.abc
import dataclasses
import enum
import importlib
import pkgutil
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contctl.core.domain
from contctl.core import answers, api
from contctl.core.domain.grants import Scope
from contctl.core.domain.roles import Permission
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import Exit
from contctl.core.errors import ContctlError, ErrorCode

HOSTILE = (
    "\x1b]52;c;aGk=\x07\x1b]8;;http://x\x1b\\\x1b[2J\x9b2J\x90\x85\r\n\t\b\0\x7f"
    "\u202e\u2066\u200b\u2028\ufeff\U000e0001\ud800[red]EVIL[/red]"
)
"""Writes the clipboard, makes a link, clears the screen, turns the direction round, forges lines
and colours; the word at its end shows that it was printed."""


class HostileContctl:
    """Implements `Contctl`: every method of every part answers with HOSTILE in every text, or, with
    `failing`, raises an error of it."""

    def __init__(self, *, failing: bool = False) -> None:
        names = _names()
        for name, part in {**vars(api.Authority), **vars(api.Contctl)}.items():
            if isinstance(part, property):
                protocol = typing.get_type_hints(part.fget, names)["return"]
                setattr(self, name, _Part(protocol, names, failing))


class _Part:
    def __init__(self, protocol: type, names: dict[str, Any], failing: bool) -> None:
        for name, method in vars(protocol).items():
            if callable(method) and not name.startswith("_"):
                wanted = typing.get_type_hints(method, names)["return"]
                setattr(self, name, _method(wanted, names, failing))


def _method(wanted: Any, names: dict[str, Any], failing: bool) -> Callable[..., Any]:
    def method(*_arguments: object, **_named: object) -> Any:
        if failing:
            raise hostile_error()
        return value(wanted, names)

    return method


def hostile_error() -> ContctlError:
    """An error of hostile text."""
    return ContctlError(ErrorCode.FAILED, HOSTILE, hint=HOSTILE, details={"reason": HOSTILE})


def value(wanted: Any, names: dict[str, Any]) -> Any:
    """A value of the type `wanted`, hostile wherever it has text."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted in _SIMPLE:
        return _SIMPLE[wanted]()
    if origin in (typing.Union, types.UnionType):
        return value(next(each for each in arguments if each is not type(None)), names)
    if origin is tuple:
        return tuple(value(each, names) for each in arguments if each is not Ellipsis)
    if origin in _MANY:
        return _MANY[origin]([value(arguments[0], names)])
    if origin is api.Stream:
        return _Stream(value(arguments[0], names))
    if origin in (dict, collections.abc.Mapping):
        return {value(arguments[0], names): value(arguments[1], names)}
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return next(iter(wanted))
    if dataclasses.is_dataclass(wanted):
        hints = typing.get_type_hints(wanted, names)
        fields = {field.name: hints[field.name] for field in dataclasses.fields(wanted)}
        return wanted(**{name: value(hint, names) for name, hint in fields.items()})  # type: ignore[operator]
    raise AssertionError(f"no hostile value of {wanted} is known")


class _Stream:
    """A stream of one item."""

    def __init__(self, item: Any) -> None:
        self._items = iter([item])

    def __iter__(self) -> "_Stream":
        return self

    def __next__(self) -> Any:
        return next(self._items)

    def close(self) -> None:
        """Nothing is open."""


class _Duplex:
    """A process that ends at once: what one says is passed on unchanged, as docker does."""

    def read(self) -> Exit:
        """Its end."""
        return Exit(0)

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def close_write(self) -> None:
        """Nothing is open."""

    def resize(self, columns: int, rows: int) -> None:
        """There is no terminal."""

    def close(self) -> None:
        """Nothing is open."""


_MANY: dict[Any, Callable[[list[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: tuple,
    collections.abc.Iterable: iter,
    collections.abc.Iterator: iter,
}
_SIMPLE: dict[Any, Callable[[], Any]] = {
    str: lambda: HOSTILE,
    Any: lambda: HOSTILE,
    object: lambda: HOSTILE,
    int: lambda: 1,
    float: lambda: 1.0,
    bool: lambda: True,
    bytes: lambda: b"raw",
    type(None): lambda: None,
    Secret: lambda: Secret(HOSTILE),
    Path: lambda: Path(HOSTILE.replace("/", "")),
    Permission: lambda: Permission.LIST,
    Scope: lambda: Scope((HOSTILE,), ((HOSTILE, HOSTILE),), HOSTILE, Scope((HOSTILE,))),
    ContctlError: hostile_error,
    api.Duplex: _Duplex,
}


def _names() -> dict[str, Any]:
    """What annotations speak of: the inbound port imports its types for the type checker only."""
    names: dict[str, Any] = {}
    for module in pkgutil.iter_modules(contctl.core.domain.__path__):
        names |= vars(importlib.import_module(f"contctl.core.domain.{module.name}"))
    own = {"Path": Path, **vars(importlib.import_module("contctl.core.errors")), **vars(api)}
    return names | vars(answers) | own
