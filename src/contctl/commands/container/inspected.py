"""An inspection as docker's own types have it, which templates are applied to first.

Docker's command line reads the engine's answer into these types (github.com/docker/docker 28,
`container.InspectResponse`): a field that the engine left out is there, empty, and those that
docker does not know are not. What a template cannot do with them it tries on the answer itself.
"""

from collections.abc import Mapping
from typing import Any

from contctl.commands.container.inspected_types import TYPES
from contctl.commands.output.template import NIL_POINTER, Map, Slice, Struct
from contctl.commands.output.template.values import Duration, Number, Time

_ZEROES: dict[str, Any] = {"string": "", "int": 0, "bool": False, "duration": Duration(0)}


def typed(answer: Mapping[str, Any]) -> Any:
    """The engine's answer as docker's types; ValueError where it does not fit them."""
    try:
        return _struct("Inspection", answer)
    except (TypeError, AttributeError) as error:
        raise ValueError("not an inspection") from error


def as_it_is(value: Any) -> Any:
    """The engine's answer with its numbers as they are written."""
    if isinstance(value, Mapping):
        return {key: as_it_is(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_it_is(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Number(value)
    return value


def _struct(name: str, answer: Mapping[str, Any]) -> Struct:
    fields: dict[str, Any] = {}
    document: dict[str, Any] = {}
    for line in TYPES[name]:
        field, _, kind = line.partition(" ")
        field, _, key = field.partition("=")
        optional = kind.endswith(" omitempty")
        value = fields[field] = _value(kind.removesuffix(" omitempty"), answer.get(key or field))
        if not (optional and _is_empty(value)):
            document[key or field] = value
    return Struct(fields, document)


def _value(kind: str, answer: Any) -> Any:
    if kind.startswith("[]"):
        items = None if answer is None else [_value(kind[2:], item) for item in answer]
        return Slice(items, kind[2:])
    if kind.startswith("map["):
        key, _, of = kind[4:].partition("]")
        pairs = None if answer is None else {k: _value(of, v) for k, v in answer.items()}
        return Map(pairs, _zero(of), None if key == "string" else key)
    if answer is None:
        return _zero(kind)
    if kind == "time":
        return Time(_go_time(answer), answer)
    if kind == "duration":
        return Duration(answer)
    name = kind.removeprefix("*")
    return _struct(name, answer) if name in TYPES else answer


def _go_time(text: str) -> str:
    """A time of RFC 3339 as Go prints it (time, `Time.String`)."""
    day, clock = text[:10], text[11:]
    if clock.endswith("Z"):
        clock, zone = clock[:-1], "+0000 UTC"
    else:
        offset = clock[-6:].replace(":", "")
        clock, zone = clock[:-6], f"{offset} {offset}"
    if "." in clock:
        clock = clock.rstrip("0").rstrip(".")
    return f"{day} {clock} {zone}"


def _zero(kind: str) -> Any:
    if kind.startswith("*"):
        return NIL_POINTER
    if kind.startswith(("[]", "map[")):
        return _value(kind, None)
    return _struct(kind, {}) if kind in TYPES else _ZEROES.get(kind)


def _is_empty(value: Any) -> bool:
    return value is NIL_POINTER or (not value and not isinstance(value, Struct))
