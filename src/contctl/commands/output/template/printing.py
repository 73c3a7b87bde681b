"""Values as Go's fmt prints them by `%v`, and joined by Sprint and Sprintln."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contctl.commands.output.template.problems import Problem
from contctl.commands.output.template.values import NIL_POINTER, NO_VALUE, Method, Own, Struct

Show = Callable[[str], str]
Leaf = Callable[[Any], str]


def nested(value: object, leaf: Leaf) -> str:
    """`value` with its inner values: `[a b]`, `map[k:v]`, `{a b}`; leaf: what prints all else."""
    if isinstance(value, Struct):
        return f"{{{' '.join(nested(item, leaf) for item in value.values())}}}"
    if isinstance(value, Mapping):
        keys = sorted(value)
        return f"map[{' '.join(f'{leaf(key)}:{nested(value[key], leaf)}' for key in keys)}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(nested(item, leaf) for item in value)}]"
    if isinstance(value, Method):
        raise Problem("a row is not printed as a whole; name its fields, or use json")
    return leaf(value)


def plain(value: object) -> str:
    """By `%v`."""
    return nested(value, _leaf)


def text_of(value: object, show: Show) -> str:
    """What an action prints of its value. show: makes text from outside fit to be seen."""
    if value is NO_VALUE or value is None:
        return "<no value>"
    return value if isinstance(value, Own) else show(plain(value))


def sprint(values: Sequence[object], show: Show) -> Own:
    """Side by side, with a space between two of which none is text."""
    parts: list[str] = []
    for at, value in enumerate(values):
        if at and not isinstance(value, str) and not isinstance(values[at - 1], str):
            parts.append(" ")
        parts.append(_part(value, show))
    return Own("".join(parts))


def sprintln(values: Sequence[object], show: Show) -> Own:
    """With spaces between all of them, and a line end."""
    return Own(f"{' '.join(_part(value, show) for value in values)}\n")


def float_text(value: float, verb: str = "g", precision: int | None = None) -> str:
    """A float by `%g`, `%e` or `%f`."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    if precision is None and verb in "gG":
        return _shortest(value).upper() if verb == "G" else _shortest(value)
    return f"{value:.{6 if precision is None else precision}{verb}}"


def _part(value: object, show: Show) -> str:
    if isinstance(value, Own):
        return value
    return show(f"&{plain(value)}" if isinstance(value, Struct) else plain(value))


def _leaf(value: object) -> str:
    if value is None or value is NO_VALUE or value is NIL_POINTER:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)


def _shortest(value: float) -> str:
    """As few digits as tell it apart, with an exponent up to 1e-05 and from 1e+06 (strconv,
    FormatFloat)."""
    mantissa = repr(value).partition("e")[0]
    digits = mantissa.lstrip("-").replace(".", "").strip("0") or "0"
    power = int(f"{value:.16e}".partition("e")[2])
    if -4 <= power < 6:
        return f"{value:.{max(0, len(digits) - 1 - power)}f}"
    return f"{value:.{len(digits) - 1}e}"
