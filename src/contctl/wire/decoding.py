"""Values of JSON as values of the core's types: strict, so that nothing is read as what it was not
sent as. Decoders are made from the types' own annotations, once for each type."""

import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.problems import from_problem

LARGEST = 2**62
"""No number is further from zero. The nanoseconds of an event are less, and the store takes it."""
_UNION_MODULES = ("contctl.core.domain.actions", "contctl.core.domain.streams")
TAG = "type"

_SHOWN = 40

Decoder = Callable[[Any], Any]


class Refused(Exception):
    """A value that is not of the type. place: names from the outside inwards."""

    def __init__(self, what: str, reason: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.reason = reason
        self.place: tuple[str, ...] = ()

    def within(self, name: str) -> "Refused":
        """Itself, one level further in."""
        self.place = (name, *self.place)
        return self

    def error(self) -> ContctlError:
        """It as a ContctlError USAGE."""
        place = ".".join(self.place)
        return ContctlError(
            ErrorCode.USAGE,
            f"{place}: {self.what}" if place else self.what,
            details={"reason": self.reason} if self.reason else None,
        )


def decode(type_: Any, value: Any) -> Any:
    """`value`, as `loads` gave it, as a `type_`; the opposite of `encode`.

    ContctlError USAGE, naming the place and no value, where it is not one; reason `unknown-field`
    where it has a field too many. TypeError for a type that never goes over the wire.
    """
    try:
        return decoder(type_)(value)
    except Refused as refused:
        raise refused.error() from None


def decoder(type_: Any) -> Decoder:
    """What turns a value into a `type_`, or raises Refused."""
    made = _decoders.get(type_)
    if made is None:
        made = _decoders[type_] = _decoder(type_)
    return made


def prepare(type_: Any) -> None:
    """Make now what the first value of `type_` would have to wait for. Any thread may: what another
    one takes away here is made at its first value."""
    decoder(type_)
    while makers := _unmade[:]:
        del _unmade[: len(makers)]
        for make in makers:
            make()


def is_union_member(class_: Any) -> bool:
    """Whether it says in `type` which class it is, wherever it stands."""
    # A listing needs neither module, and takes less time than importing them.
    return class_.__module__ in _UNION_MODULES and class_ in _union_members()


@cache
def _union_members() -> frozenset[type]:
    from contctl.core.domain.actions import Action
    from contctl.core.domain.streams import Frame

    return frozenset((*get_args(Action), *get_args(Frame)))


def tag_of(class_: type) -> str:
    """What a member of a union says in `type`."""
    return class_.__name__.lower()


def is_required(field: "Field[Any]") -> bool:
    """Whether an object has to have this field: it has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def _decoder(type_: Any) -> Decoder:
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        return _union_decoder(arguments)
    if origin is tuple and arguments[-1:] != (...,):
        return _row_decoder(tuple(decoder(argument) for argument in arguments))
    if origin in (tuple, Sequence):
        return _items_decoder(decoder(arguments[0]))
    if origin in (dict, Mapping) and arguments[0] is str:
        return _mapping_decoder(decoder(arguments[1]))
    if isinstance(type_, type):
        return _class_decoder(type_)
    raise TypeError(f"{type_} never goes over the wire")


def _class_decoder(class_: type) -> Decoder:
    if is_union_member(class_):
        return _tagged_decoder((class_,))
    if is_dataclass(class_):
        return _object_decoder(class_)
    if issubclass(class_, StrEnum):
        return _choice_decoder(class_)
    if issubclass(class_, ContctlError):
        return _decode_problem
    raise TypeError(f"{class_.__name__} never goes over the wire")


def _as_it_is(value: Any) -> Any:
    return value


def _decode_none(value: Any) -> None:
    if value is not None:
        raise Refused("not null")


def _decode_bool(value: Any) -> bool:
    if value is True or value is False:
        return value is True
    raise Refused("not true or false")


def _decode_int(value: Any) -> int:
    if type(value) is not int:
        return _whole(value)
    if not -LARGEST <= value <= LARGEST:
        raise Refused("out of range")
    return value


def _whole(value: Any) -> int:
    """JSON has one kind of number: 1.0 is an integer (JSON Schema Validation 2020-12, 6.1.1)."""
    if type(value) is not float or not value.is_integer():
        raise Refused("not an integer")
    return _decode_int(int(value))


def _decode_float(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise Refused("not a number")
    try:
        number = float(value)
    except OverflowError:
        raise Refused("out of range") from None
    if not -LARGEST <= number <= LARGEST:
        raise Refused("out of range")
    return number


def _decode_str(value: Any) -> str:
    if type(value) is not str:
        raise Refused("not text")
    return value


def _decode_bytes(value: Any) -> bytes:
    if type(value) is not str:
        raise Refused("not text")
    try:
        data = binascii.a2b_base64(value)
    except ValueError:
        data = b""
    # Only the canonical text (RFC 4648, 3.5): binascii skips what does not belong into one.
    if binascii.b2a_base64(data, newline=False).decode("ascii") != value:
        raise Refused("not base64")
    return data


def _decode_secret(value: Any) -> Secret:
    return Secret(_decode_str(value))


def _decode_problem(value: Any) -> ContctlError:
    if type(value) is not dict:
        raise Refused("not an object")
    return from_problem(value)


def _choice_decoder(class_: type[StrEnum]) -> Decoder:
    choices = {member.value: member for member in class_}

    def decode_choice(value: Any) -> StrEnum:
        member = choices.get(value) if type(value) is str else None
        if member is None:
            raise Refused(f"not one of {', '.join(choices)}")
        return member

    return decode_choice


def _items_decoder(item_decoder: Decoder) -> Decoder:
    def decode_items(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Refused("not an array")
        items: list[Any] = []
        try:
            for item in value:
                items.append(item_decoder(item))
        except Refused as refused:
            raise refused.within(str(len(items))) from None
        return tuple(items)

    return decode_items


def _row_decoder(item_decoders: tuple[Decoder, ...]) -> Decoder:
    def decode_row(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Refused("not an array")
        if len(value) != len(item_decoders):
            raise Refused(f"not an array of {len(item_decoders)}")
        items: list[Any] = []
        try:
            for item_decoder, item in zip(item_decoders, value, strict=True):
                items.append(item_decoder(item))
        except Refused as refused:
            raise refused.within(str(len(items))) from None
        return tuple(items)

    return decode_row


def _mapping_decoder(item_decoder: Decoder) -> Decoder:
    def decode_mapping(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Refused("not an object")
        try:
            return {key: item_decoder(item) for key, item in value.items()}
        except Refused as refused:
            raise refused.within("*") from None

    return decode_mapping


def _union_decoder(members: tuple[Any, ...]) -> Decoder:
    others = tuple(member for member in members if member is not NoneType)
    if len(others) == 1:
        inner = decoder(others[0])
    elif all(map(is_union_member, others)):
        inner = _tagged_decoder(others)
    else:
        raise TypeError(f"no value says which of {others} it is")
    if len(others) == len(members):
        return inner
    return lambda value: None if value is None else inner(value)


def _tagged_decoder(classes: tuple[type, ...]) -> Decoder:
    decoders = {tag_of(class_): _object_decoder(class_) for class_ in classes}

    def decode_member(value: Any) -> Any:
        if type(value) is not dict:
            raise Refused("not an object")
        tag = value.get(TAG)
        member = decoders.get(tag) if type(tag) is str else None
        if member is None:
            raise Refused(f"not one of {', '.join(decoders)}").within(TAG)
        return member({name: item for name, item in value.items() if name != TAG})

    return decode_member


def _object_decoder(class_: type) -> Decoder:
    required = frozenset(field.name for field in fields(class_) if is_required(field))
    # Made at the first value or by `prepare`, for a class may be part of itself.
    decoders: dict[str, Decoder] = {}

    def make() -> None:
        if not decoders:
            decoders.update(_field_decoders(class_))

    def decode_object(value: Any) -> Any:
        if type(value) is not dict:
            raise Refused("not an object")
        make()
        arguments = {}
        for name, item in value.items():
            field_decoder = decoders.get(name)
            if field_decoder is None:
                raise Refused(f"unknown field {_shown(name)}", "unknown-field")
            try:
                arguments[name] = field_decoder(item)
            except Refused as refused:
                raise refused.within(name) from None
        if not required <= arguments.keys():
            raise Refused(f"without {', '.join(sorted(required - arguments.keys()))}")
        return class_(**arguments)

    _unmade.append(make)
    return decode_object


def _field_decoders(class_: type) -> dict[str, Decoder]:
    hints = get_type_hints(class_)
    return {field.name: decoder(hints[field.name]) for field in fields(class_)}


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}...")


_unmade: list[Callable[[], None]] = []
_decoders: dict[Any, Decoder] = {
    Any: _as_it_is,
    object: _as_it_is,
    NoneType: _decode_none,
    None: _decode_none,
    bool: _decode_bool,
    int: _decode_int,
    float: _decode_float,
    str: _decode_str,
    bytes: _decode_bytes,
    Secret: _decode_secret,
}
