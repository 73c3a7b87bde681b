"""Values as JSON (RFC 8259), and back.

A dataclass is an object of its fields; a member of a union also says which one it is, in `type`.
Texts may hold lone surrogates, as names from an engine or an argument may.
"""

import json
import math
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import NoneType
from typing import Any

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.decoding import TAG, decode, is_union_member, prepare, tag_of
from contctl.wire.problems import to_problem

__all__ = ["CONTENT_TYPE", "MAX_DEPTH", "decode", "dumps", "encode", "loads", "prepare"]

CONTENT_TYPE = "application/json"
MAX_DEPTH = 32
"""Arrays and objects inside each other."""

Encoder = Callable[[Any], Any]


def encode(value: object) -> Any:
    """`value` of None, bool, int, float, str, list and dict alone; TypeError for a type that never
    goes over the wire. Bytes become base64 (RFC 4648), a secret its text."""
    class_ = type(value)
    if class_ in _PLAIN:
        return value
    encoder = _encoders.get(class_)
    if encoder is None:
        encoder = _encoders[class_] = _encoder(class_)
    return encoder(value)


def dumps(value: object) -> bytes:
    """`value` as compact JSON. ContctlError FAILED where JSON cannot hold it, as a number that is
    not finite."""
    try:
        return _to_json(encode(value)).encode("ascii")
    except (ValueError, RecursionError):
        raise ContctlError(ErrorCode.FAILED, "a value cannot be sent as JSON") from None


def loads(data: bytes) -> Any:
    """The value of a JSON text in UTF-8. ContctlError USAGE for anything else, and for a key that
    is there twice, NaN, Infinity, numbers out of range, and more than MAX_DEPTH levels."""
    try:
        value = _from_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise _refused("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _refused(f"not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:
        raise _refused("a number out of range") from None
    except RecursionError:
        raise _refused("nested too deeply") from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _encoder(class_: type) -> Encoder:
    if is_dataclass(class_):
        return _object_encoder(class_)
    if issubclass(class_, StrEnum):
        return str
    if issubclass(class_, Mapping):
        return _encode_mapping
    if issubclass(class_, ContctlError):
        return to_problem
    raise TypeError(f"{class_.__name__} never goes over the wire")


def _object_encoder(class_: type) -> Encoder:
    names = tuple(field.name for field in fields(class_))
    tag = {TAG: tag_of(class_)} if is_union_member(class_) else {}

    def encode_object(value: Any) -> Any:
        return tag | {name: encode(getattr(value, name)) for name in names}

    return encode_object


def _encode_mapping(value: Mapping[str, Any]) -> Any:
    if not all(isinstance(key, str) for key in value):
        raise TypeError("a key that is not text")
    return {key: encode(item) for key, item in value.items()}


def _encode_items(value: Sequence[Any]) -> Any:
    return [encode(item) for item in value]


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if type(outer) is dict else outer)
            if type(item) is dict or type(item) is list
        ]
        if not level:
            return
    raise _refused("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _refused("a key is there twice")
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _refused("a number out of range")
    return number


def _no_number(text: str) -> Any:
    raise _refused(f"{text} is not JSON")


def _refused(what: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, what)


_to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_from_json = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_number
).decode
_PLAIN = frozenset({NoneType, bool, int, float, str})
_encoders: dict[type, Encoder] = {
    bytes: lambda value: b2a_base64(value, newline=False).decode("ascii"),
    Secret: Secret.reveal,
    tuple: _encode_items,
    list: _encode_items,
}
