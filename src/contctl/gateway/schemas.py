"""JSON Schemas (draft 2020-12) of what `wire.decoding` reads, for an OpenAPI 3.1 description.

Each class is a component, and whatever is made of it refers to that.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.decoding import LARGEST, TAG, is_required, is_union_member, tag_of

Schema = dict[str, Any]

_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"
_PROBLEM = "Problem"


def schema_of(type_: Any) -> Schema:
    """The schema of a `type_`, whose classes are references into `components`. TypeError for a type
    that never goes over the wire."""
    if type_ in _PLAIN:
        return dict(_PLAIN[type_])
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(member) for member in arguments]}
    if origin is tuple and arguments[-1:] != (...,):
        return _row([schema_of(argument) for argument in arguments])
    if origin in (tuple, Sequence):
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin in (dict, Mapping) and arguments[0] is str:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if _is_component(type_):
        return {"$ref": f"#/components/schemas/{_name_of(type_)}"}
    raise TypeError(f"{type_} never goes over the wire")


def components(types: Iterable[Any]) -> dict[str, Schema]:
    """The schemas of all classes that `types` are made of, by their names. TypeError where two
    classes have one name."""
    named: dict[str, Any] = {}
    waiting = list(types)
    while waiting:
        type_ = waiting.pop()
        if not _is_component(type_):
            waiting += [part for part in get_args(type_) if part is not ...]
            continue
        name = _name_of(type_)
        if name not in named:
            named[name] = type_
            waiting += get_type_hints(type_).values() if is_dataclass(type_) else ()
        elif named[name] is not type_:
            raise TypeError(f"two classes are named {name}")
    return {name: _component(named[name]) for name in sorted(named)}


def _row(parts: list[Schema]) -> Schema:
    return {
        "type": "array",
        "prefixItems": parts,
        "minItems": len(parts),
        "maxItems": len(parts),
    }


def _is_component(type_: Any) -> bool:
    return isinstance(type_, type) and (
        is_dataclass(type_) or issubclass(type_, StrEnum | ContctlError)
    )


def _name_of(class_: type) -> str:
    return _PROBLEM if issubclass(class_, ContctlError) else class_.__name__


def _component(class_: type) -> Schema:
    if issubclass(class_, ContctlError):
        return _problem()
    if issubclass(class_, StrEnum):
        return {"type": "string", "enum": [member.value for member in class_], **_words(class_)}
    return _object(class_)


def _object(class_: type) -> Schema:
    hints = get_type_hints(class_)
    properties = {field.name: schema_of(hints[field.name]) for field in fields(class_)}
    required = [field.name for field in fields(class_) if is_required(field)]
    if is_union_member(class_):
        properties = {TAG: {"const": tag_of(class_)}, **properties}
        required = [TAG, *required]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **_words(class_),
    }


def _words(class_: type) -> Schema:
    """Its docstring; a dataclass without one has only its signature there."""
    text = inspect.getdoc(class_) or ""
    return {} if text.startswith(f"{class_.__name__}(") else {"description": text}


def _problem() -> Schema:
    """RFC 9457; a reader ignores members that it does not know (section 3.2)."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": {"type": "string", "enum": [code.value for code in ErrorCode]},
            "hint": {"type": ["string", "null"]},
            "details": {"type": "object", "additionalProperties": text},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }


_PLAIN: dict[Any, Schema] = {
    Any: {},
    None: {"type": "null"},
    NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64", "minimum": -LARGEST, "maximum": LARGEST},
    float: {
        "type": "number",
        "format": "double",
        "minimum": -float(LARGEST),
        "maximum": float(LARGEST),
    },
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
    Secret: {"type": "string", "format": "password"},
}
