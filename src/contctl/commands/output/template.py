"""The part of Go's template language that `--format` takes: fields, and `json`.

`{{.Field}}`, `{{.Field.Inner}}`, `{{.}}`, `{{json .}}` and `{{json .Field}}`, with `\\t` and `\\n`
for a tab and a line end, as docker has them. Anything else is a usage error that names it.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from contctl.core.errors import ContctlError, ErrorCode

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_FIELD = re.compile(r"(?P<json>json\s+)?(?P<path>\.|(?:\.[A-Za-z_][A-Za-z0-9_]*)+)")

Template = Callable[[Mapping[str, Any]], str]


def compile_template(source: str) -> Template:
    """A function from data to text; ContctlError USAGE, at once, for what is not supported."""
    parts: list[str | Template] = []
    position = 0
    source = source.replace("\\t", "\t").replace("\\n", "\n")
    for match in _ACTION.finditer(source):
        parts += [source[position : match.start()], _action(match[1])]
        position = match.end()
    rest = source[position:]
    if "{{" in rest:
        raise _unsupported(rest[rest.index("{{") :], "it is not closed")
    parts.append(rest)
    return lambda data: "".join(part if isinstance(part, str) else part(data) for part in parts)


def fields(source: str) -> list[str]:
    """The last name of each field that a template shows, in order; for the heads of a table."""
    found = (_FIELD.fullmatch(match[1]) for match in _ACTION.finditer(source))
    return [match["path"].rpartition(".")[2] for match in found if match]


def to_json(value: object) -> str:
    """`value` as docker prints JSON: on one line, keys as they came."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _action(text: str) -> Template:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise _unsupported(f"{{{{{text}}}}}", "only fields and 'json' are supported")
    names = [name for name in match["path"].split(".") if name]
    show = to_json if match["json"] else _text

    def render(data: Mapping[str, Any]) -> str:
        value: Any = data
        for name in names:
            if not isinstance(value, Mapping) or name not in value:
                known = f"the fields are {', '.join(value)}" if isinstance(value, Mapping) else None
                raise _unsupported(f"{{{{{text}}}}}", f"there is no field {name}", known)
            value = value[name]
        return show(value)

    return render


def _text(value: object) -> str:
    """`value` as Go's fmt prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{_text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(_text(item) for item in value)}]"
    return str(value)


def _unsupported(part: str, why: str, hint: str | None = None) -> ContctlError:
    message = f"the template part {part} cannot be shown: {why}"
    return ContctlError(ErrorCode.USAGE, message, hint=hint)
