"""Building blocks for rules about the fields of an engine's create model.

A rule reads one field and yields the dangers of its value, in a few words each. It reads whatever
JSON it is given without raising, but for the refusal of unknown fields in a request. null means
not set; a value of another type than the engine's is a danger, for it was not understood.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contctl.core.errors import ContctlError, ErrorCode

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class EngineDefaults:
    """What an engine gives to containers that ask for nothing else.

    private_cgroups: whether each gets a cgroup namespace of its own.
    """

    private_cgroups: bool = True
    log_driver: str = "json-file"
    runtime: str = "runc"


def _nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Host:
    """What a rule looks at besides the value.

    defaults: the engine's own.  socket: the path of its socket, where that is known.
    admits: whether a path of the engine's host may be mounted into containers.
    volumes, networks: what the engine answers about each by its name, None for one that is not
    there.
    strict: in a request, where an unknown field is refused and absent volumes will be made empty.
    """

    defaults: EngineDefaults = EngineDefaults()
    socket: str = ""
    admits: Callable[[str], bool] = _nothing
    volumes: Mapping[str, object] = field(default_factory=dict)
    networks: Mapping[str, object] = field(default_factory=dict)
    strict: bool = False


Rule = Callable[[str, object, Host], Iterator[str]]
"""Of the field's name, its value, and what else counts."""

Shape = Callable[[object], bool]
Judge = Callable[[Any, Host], Iterable[str]]


def text(value: object) -> bool:
    return isinstance(value, str)


def number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def flag(value: object) -> bool:
    return isinstance(value, bool)


def mapping(value: object) -> bool:
    return isinstance(value, dict)


def texts(value: object) -> bool:
    return isinstance(value, list) and all(map(text, value))


def text_or_texts(value: object) -> bool:
    return text(value) or texts(value)


def numbers(value: object) -> bool:
    return isinstance(value, list) and all(map(number, value))


def records(value: object) -> bool:
    return isinstance(value, list) and all(map(mapping, value))


def lists(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, list) for each in value)


def text_map(value: object) -> bool:
    return isinstance(value, dict) and all(map(text, value.values()))


def _no_danger(_value: object, _host: Host) -> Iterable[str]:
    return ()


def rule(shape: Shape, judge: Judge = _no_danger) -> Rule:
    """A value of `shape` has the dangers that `judge` names; without one, none."""

    def apply(name: str, value: object, host: Host) -> Iterator[str]:
        if value is None:
            return
        if shape(value):
            yield from judge(value, host)
        else:
            yield f"{shown(name)} of an unexpected type"

    return apply


def if_set(danger: str) -> Judge:
    """Any value but the empty one, 0 and false is this danger."""
    return lambda value, _: [danger] if value else []


def only(*harmless: str, danger: str) -> Judge:
    """Any text but these is this danger; the text is shown with it."""
    return lambda value, _: [] if value in harmless else [f"{danger} {shown(value)}"]


def record(known: Mapping[str, Rule], within: str = "") -> Rule:
    """An object with these fields, judged in this order. within: put before their names."""

    def judge(value: dict[str, object], host: Host) -> Iterator[str]:
        unknown = [name for name in value if name not in known]
        if unknown and host.strict:
            field_name = within + unknown[0]
            raise ContctlError(ErrorCode.USAGE, f"not a field that contctl knows: {field_name!r}")
        for name in known:
            yield from known[name](within + name, value.get(name), host)
        for name in unknown:
            yield f"unknown field {shown(within + name)}"

    return rule(mapping, judge)


def each(inner: Rule) -> Rule:
    """A list, of whose items each is judged by `inner`."""

    def apply(name: str, value: object, host: Host) -> Iterator[str]:
        for item in value if isinstance(value, list) else ():
            yield from inner(name, item, host)

    return both(rule(lambda value: isinstance(value, list)), apply)


def entries(inner: Rule, key: Judge = _no_danger) -> Rule:
    """An object of any fields, whose names are judged by `key` and values by `inner`."""

    def apply(name: str, value: object, host: Host) -> Iterator[str]:
        for field_name, content in value.items() if isinstance(value, dict) else ():
            yield from key(field_name, host)
            yield from inner(name, content, host)

    return both(rule(mapping), apply)


def both(first: Rule, second: Rule) -> Rule:
    """What either of two rules says."""

    def apply(name: str, value: object, host: Host) -> Iterator[str]:
        yield from first(name, value, host)
        yield from second(name, value, host)

    return apply


def shown(value: str) -> str:
    """Text of a container in a danger's words, cut where it is long."""
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
