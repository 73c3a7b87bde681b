"""Values as JSON, as docker prints it."""

import json
from collections.abc import Mapping
from typing import Any

from contctl.commands.output.escape import is_plain
from contctl.commands.output.template.values import (
    NIL_POINTER,
    NO_VALUE,
    Map,
    Number,
    Row,
    Slice,
    Struct,
    Time,
)


def to_json(value: object) -> str:
    """`value` as docker prints JSON: on one line, keys as they came. What could steer a terminal is
    written as JSON's own escapes."""
    return safe_json(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def safe_json(text: str) -> str:
    """A JSON text in which what could steer a terminal is written as JSON's own escapes."""
    if text.isprintable():
        return text
    return "".join(
        each if each == "\n" or is_plain(each) else json.dumps(each)[1:-1] for each in text
    )


def _html_safe(text: str) -> str:
    """JSON with `<`, `>` and `&` as escapes (encoding/json, HTMLEscape)."""
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def to_json_of(value: object) -> str:
    """A template's value as JSON: the fields of a struct in their order, maps by their keys."""
    document = _document(value)
    return _html_safe(to_json(document)) if isinstance(value, Row) else to_json(document)


def _document(value: Any) -> Any:
    if value is NO_VALUE or value is NIL_POINTER:
        return None
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, Time):
        return value.document
    if isinstance(value, Struct):
        return {key: _document(item) for key, item in value.document.items()}
    if isinstance(value, Map | Slice) and value.nil:
        return None
    if isinstance(value, Mapping):
        return {key: _document(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_document(item) for item in value]
    return value
