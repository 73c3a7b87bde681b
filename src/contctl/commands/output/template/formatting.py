"""Go's Printf (pkg.go.dev/fmt, "Printing")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contctl.commands.output.template.printing import Show, float_text, nested
from contctl.commands.output.template.problems import Problem
from contctl.commands.output.template.values import (
    NIL_POINTER,
    NO_VALUE,
    Duration,
    Own,
    Struct,
    type_name,
)

_VERB = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<width>\*|\d+)?(?:(?P<dot>\.)(?P<precision>\*|\d+)?)?(?P<verb>.?)",
    re.DOTALL,
)
_WIDEST = 10_000
"""Go's own limit is a million; nobody's screen is that wide."""
_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip
_NUMBERS = {"d": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


def sprintf(pattern: str, values: Sequence[Any], show: Show) -> str:
    """`pattern` with its verbs replaced; of what does not fit it says so, `%!d(string=a)`."""
    left = list(values)
    parts, position = [], 0
    for match in _VERB.finditer(pattern):
        parts.append(pattern[position : match.start()])
        parts.append(_replaced(match, left, show))
        position = match.end()
    parts.append(pattern[position:])
    if left:
        extra = ", ".join(f"{type_name(each)}={_plain(each, show)}" for each in left)
        parts.append(f"%!(EXTRA {extra})")
    text = "".join(parts)
    return Own(text) if isinstance(pattern, Own) else text


def _replaced(match: "re.Match[str]", left: list[Any], show: Show) -> str:
    verb = match["verb"]
    width, bad_width = _number(match["width"], left)
    precision, bad_precision = _number(match["precision"], left)
    if match["dot"] and precision is None:
        precision = 0
    bad = ("%!(BADWIDTH)" if bad_width else "") + ("%!(BADPREC)" if bad_precision else "")
    if verb == "%":
        return f"{bad}%"
    if not verb:
        return f"{bad}%!(NOVERB)"
    if verb == "[":
        raise Problem("printf takes no numbers of arguments")
    if not left:
        return f"{bad}%!{verb}(MISSING)"
    flags = set(match["flags"])
    if width is not None and width < 0:
        flags.add("-")
    form = _Form(verb, flags, abs(width or 0), precision, show)
    value = left.pop(0)
    if verb == "T":
        return bad + form.padded(type_name(value))
    pointer = "&" if isinstance(value, Struct) else ""
    return bad + pointer + nested(value, form.leaf)


def _number(text: str | None, left: list[Any]) -> tuple[int | None, bool]:
    """A width or precision, and whether it is a bad one."""
    if text is None:
        return None, False
    value = (left.pop(0) if left else None) if text == "*" else int(text[:9])
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _WIDEST:
        return None, True
    return value, False


def _plain(value: Any, show: Show) -> str:
    return nested(value, _Form("v", set(), 0, None, show).leaf)


@dataclass(frozen=True, slots=True)
class _Form:
    """How one verb prints."""

    verb: str
    flags: set[str]
    width: int
    precision: int | None
    show: Show

    def leaf(self, value: Any) -> str:
        """What is no list, map or struct."""
        if value is None or value is NO_VALUE or value is NIL_POINTER:
            return self.padded("<nil>") if self.verb == "v" else f"%!{self.verb}(<nil>)"
        if isinstance(value, bool):
            shown = ("false", "true")[value]
            return self.padded(shown) if self.verb in "vt" else self._bad("bool", shown)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return self._float(value)
        return self._string(str(value), value)

    def padded(self, text: str, *, zeros: bool = False) -> str:
        """`text` made as wide as it should be."""
        if "-" in self.flags:
            return text.ljust(self.width)
        if zeros and "0" in self.flags:
            signed = text[:1] in tuple("+-")
            return (
                text[:1] + text[1:].rjust(self.width - 1, "0")
                if signed
                else text.rjust(self.width, "0")
            )
        return text.rjust(self.width)

    def _bad(self, type_: str, shown: str) -> str:
        return f"%!{self.verb}({type_}={shown})"

    def _string(self, text: str, value: Any) -> str:
        if self.verb in "vs" or (self.verb == "q"):
            if self.precision is not None:
                text = text[: self.precision]
            if self.verb == "q":
                return self.padded(self.show(_quoted(text)))
            return self.padded(text if isinstance(value, Own) else self.show(text))
        if self.verb in "xX":
            digits = text.encode("utf-8", "surrogatepass").hex()
            return self.padded(digits.upper() if self.verb == "X" else digits)
        return self._bad(type_name(value), self.show(text))

    def _integer(self, value: int) -> str:
        if isinstance(value, Duration) and self.verb in "vs":
            return self.padded(str(value))
        if self.verb == "c" or self.verb == "q":
            text = chr(value) if 0 <= value <= 0x10FFFF else "\ufffd"
            quoted = f"'{text}'" if self.verb == "q" else text
            return self.padded(self.show(quoted))
        if self.verb == "U":
            return self.padded(f"U+{value:04X}")
        verb = "d" if self.verb == "v" else self.verb
        if verb not in _NUMBERS:
            return self._bad("int", str(value))
        digits = f"{abs(value):{_NUMBERS[verb]}}"
        if self.precision is not None:
            digits = digits.rjust(self.precision, "0")
        if verb == "O":
            digits = f"0o{digits}"
        elif "#" in self.flags:
            digits = _PREFIXES.get(verb, "") + digits
        return self.padded(self._sign(value < 0) + digits, zeros=self.precision is None)

    def _float(self, value: float) -> str:
        verb = "g" if self.verb == "v" else self.verb
        if verb not in "eEfFgG":
            return self._bad("float64", float_text(value))
        text = float_text(value, verb, self.precision)
        return self.padded(self._sign(text.startswith("-")) + text.lstrip("+-"), zeros=True)

    def _sign(self, negative: bool) -> str:
        if negative:
            return "-"
        return "+" if "+" in self.flags else " " if " " in self.flags else ""


def _quoted(text: str) -> str:
    """A Go string literal (strconv, Quote)."""
    shown = []
    for each in text:
        if each in _ESCAPES:
            shown.append(_ESCAPES[each])
        elif each.isprintable():
            shown.append(each)
        else:
            code = ord(each)
            shown.append(
                f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000
                else f"\\U{code:08x}"
            )  # fmt: skip
    return f'"{"".join(shown)}"'
