"""The part of Go's template language that `--format` takes: fields, and `json`.

`{{.Field}}`, `{{.Field.Inner}}`, `{{.}}`, `{{json .}}` and `{{json .Field}}`, with `\\t` and `\\n`
for a tab and a line end, as docker has them. `{{- ` and ` -}}` take the blanks and line ends before
and after away (Go, text/template, "Text and spaces"). Anything else is a usage error that names it.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from contctl.commands.output.escape import is_plain
from contctl.core.errors import ContctlError, ErrorCode

_ACTION = re.compile(r"\{\{(?P<before>-\s)?(?P<text>.*?)(?P<after>\s-)?\}\}", re.DOTALL)
_BLANKS = " \t\r\n"
_FIELD = re.compile(r"(?P<json>json\s+)?(?P<path>\.|(?:\.[A-Za-z_][A-Za-z0-9_]*)+)")

Template = Callable[[Mapping[str, Any]], str]
Show = Callable[[str], str]


def compile_template(source: str, shown: Show = str) -> Template:
    """A function from data to text; ContctlError USAGE, at once, for what is not supported.

    shown: what becomes of the text of a field before it is put in.
    """
    parts: list[str | Template] = []
    position, trimmed = 0, ""
    source = source.replace("\\t", "\t").replace("\\n", "\n")
    for match in _ACTION.finditer(source):
        text = source[position : match.start()].lstrip(trimmed)
        parts.append(text.rstrip(_BLANKS) if match["before"] else text)
        parts.append(_action(match["text"].strip(), shown))
        position, trimmed = match.end(), _BLANKS if match["after"] else ""
    rest = source[position:]
    if "{{" in rest:
        raise _unsupported(rest[rest.index("{{") :], "it is not closed")
    parts.append(rest.lstrip(trimmed))
    return lambda data: "".join(part if isinstance(part, str) else part(data) for part in parts)


def fields(source: str) -> list[str]:
    """The last name of each field that a template shows, in order; for the heads of a table."""
    found = (_FIELD.fullmatch(match["text"].strip()) for match in _ACTION.finditer(source))
    return [match["path"].rpartition(".")[2] for match in found if match]


def to_json(value: object) -> str:
    """`value` as docker prints JSON: on one line, keys as they came. What could steer a terminal is
    written as JSON's own escapes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(each if is_plain(each) else json.dumps(each)[1:-1] for each in text)


def _action(text: str, shown: Show) -> Template:
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
        return shown(show(value))

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
