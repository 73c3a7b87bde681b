"""Templates applied to data, after Go's text/template/exec."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contctl.commands.output.template.functions import Function
from contctl.commands.output.template.nodes import (
    Action,
    Branch,
    Chain,
    Dot,
    Field,
    Jump,
    Literal,
    Nil,
    Nodes,
    Operand,
    Pipe,
    Text,
    Variable,
)
from contctl.commands.output.template.nodes import Function as FunctionName
from contctl.commands.output.template.printing import Show, text_of
from contctl.commands.output.template.problems import Problem, naming
from contctl.commands.output.template.values import (
    NIL_POINTER,
    NO_VALUE,
    Map,
    Method,
    Struct,
    is_true,
    type_name,
)

MAX_STEPS = 200_000
"""Nodes that one run visits."""
MAX_TEXT = 4_000_000
"""Characters that one run makes."""

_ABSENT = object()


class _Jumped(Exception):
    """A `break` or `continue` on its way to its range."""

    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


class Evaluation:
    """One run of a template.

    show: makes text from outside fit to be seen.  strict: a key that a map does not have is an
    error, instead of no value.
    """

    def __init__(
        self, data: Any, functions: Mapping[str, Function], show: Show, *, strict: bool
    ) -> None:
        self._functions = functions
        self._show = show
        self._strict = strict
        self._variables: list[tuple[str, Any]] = [("", data)]
        self._steps = 0
        self._size = 0
        self.parts: list[str] = []

    def run(self, nodes: Nodes, dot: Any) -> None:
        """Append what `nodes` print to `parts`."""
        for node in nodes:
            self._step()
            if isinstance(node, Text):
                self._print(node.text)
            elif isinstance(node, Jump):
                raise _Jumped(node.keyword)
            elif isinstance(node, Action):
                with naming(node.source):
                    value = self._pipe(node.pipe, dot)
                    if not node.pipe.names:
                        self._print(text_of(value, self._show))
            else:
                mark = len(self._variables)
                self._branch(node, dot)
                del self._variables[mark:]

    def _branch(self, node: Branch, dot: Any) -> None:
        if node.keyword == "range":
            with naming(node.source):
                items = list(self._items(self._commands(node.pipe, dot)))
            self._range(node, dot, items)
            return
        with naming(node.source):
            value = self._pipe(node.pipe, dot)
        if is_true(value):
            self.run(node.body, value if node.keyword == "with" else dot)
        else:
            self.run(node.otherwise, dot)

    def _range(self, node: Branch, dot: Any, items: Sequence[tuple[Any, Any]]) -> None:
        for key, item in items:
            mark = len(self._variables)
            self._set_items(node.pipe, key, item)
            try:
                self._step()
                self.run(node.body, item)
            except _Jumped as jump:
                if jump.keyword == "break":
                    break
            finally:
                del self._variables[mark:]
        if not items:
            self.run(node.otherwise, dot)

    def _set_items(self, pipe: Pipe, key: Any, item: Any) -> None:
        values = (item,) if len(pipe.names) == 1 else (key, item)
        for name, value in zip(pipe.names, values, strict=False):
            self._set(name, value, assigns=pipe.assigns)

    def _items(self, value: Any) -> Iterator[tuple[Any, Any]]:
        if isinstance(value, Struct):
            raise Problem(f"a value of the type {type_name(value)} has no items")
        if isinstance(value, Mapping):
            yield from ((key, value[key]) for key in sorted(value))
        elif isinstance(value, list | tuple):
            yield from enumerate(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            if value > MAX_STEPS:
                raise Problem("it takes too many steps")
            yield from ((number, number) for number in range(value))
        elif value is not NO_VALUE and value is not None:
            raise Problem(f"a value of the type {type_name(value)} has no items")

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Problem("it takes too many steps")

    def _sized(self, text: str) -> str:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise Problem("it makes too much text")
        return text

    def _print(self, text: str) -> None:
        self.parts.append(self._sized(text))

    def _set(self, name: str, value: Any, *, assigns: bool) -> None:
        if not assigns:
            self._variables.append((name, value))
            return
        for at in reversed(range(len(self._variables))):
            if self._variables[at][0] == name:
                self._variables[at] = (name, value)
                return

    def _pipe(self, pipe: Pipe, dot: Any) -> Any:
        value = self._commands(pipe, dot)
        for name in pipe.names:
            self._set(name, value, assigns=pipe.assigns)
        return value

    def _commands(self, pipe: Pipe, dot: Any) -> Any:
        value: Any = _ABSENT
        for command in pipe.commands:
            value = self._command(command, dot, value)
            if value is None:
                value = NO_VALUE
        return value

    def _command(self, operands: tuple[Operand, ...], dot: Any, final: Any) -> Any:
        self._step()
        first, rest = operands[0], operands[1:]
        if isinstance(first, FunctionName):
            return self._function(first.name, rest, dot, final)
        if isinstance(first, Nil):
            raise Problem("nil is not a command")
        if isinstance(first, Field | Chain | Variable):
            return self._walk(first, dot, rest, final)
        if rest or final is not _ABSENT:
            raise Problem("only functions and methods take arguments")
        return self._value(first, dot)

    def _function(self, name: str, operands: Sequence[Operand], dot: Any, final: Any) -> Any:
        last = () if final is _ABSENT else (final,)
        if name in ("and", "or"):
            return self._lazy(name, operands, dot, last)
        values = [self._value(operand, dot) for operand in operands]
        values += last
        value = self._functions[name](self._show, [_argument(value) for value in values])
        return self._sized(value) if isinstance(value, str) else value

    def _lazy(self, name: str, operands: Sequence[Operand], dot: Any, last: Sequence[Any]) -> Any:
        if not operands and not last:
            raise Problem(f"{name} needs a value")
        value: Any = NO_VALUE
        for operand in operands:
            value = self._value(operand, dot)
            if is_true(value) is (name == "or"):
                return value
        return last[0] if last else value

    def _value(self, operand: Operand, dot: Any) -> Any:
        """What an argument is."""
        self._step()
        match operand:
            case Dot():
                return dot
            case Nil():
                return NO_VALUE
            case Literal(value):
                return value
            case FunctionName(name):
                return self._function(name, (), dot, _ABSENT)
            case Pipe():
                return self._pipe(operand, dot)
        return self._walk(operand, dot, (), _ABSENT)

    def _walk(self, operand: Operand, dot: Any, arguments: Sequence[Operand], final: Any) -> Any:
        """A field, through those on the way to it. The last may be a method with arguments."""
        if isinstance(operand, Field):
            value, names = dot, operand.names
        elif isinstance(operand, Variable):
            value, names = self._variable(operand.name), operand.names
        elif isinstance(operand, Chain):
            value, names = self._value(operand.base, dot), operand.names
        else:
            raise Problem("it has no fields")
        given = [self._value(argument, dot) for argument in arguments]
        given += () if final is _ABSENT else (final,)
        if given and not names:
            raise Problem("only functions and methods take arguments")
        for at, name in enumerate(names):
            value = self._field(value, name, given if at == len(names) - 1 else ())
        return value

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise Problem(f"there is no variable ${name}")

    def _field(self, value: Any, name: str, given: Sequence[Any]) -> Any:
        found = value.get(name, _ABSENT) if isinstance(value, Mapping) else _ABSENT
        if isinstance(found, Method):
            if len(given) != 1 or not isinstance(given[0], str):
                raise Problem(f"{name} takes one text")
            return found.call(given[0])
        if given:
            raise Problem(f"{name} takes no arguments")
        if found is not _ABSENT and not (isinstance(value, Map) and value.key):
            return found
        if value is NO_VALUE and not self._strict:
            return NO_VALUE
        if isinstance(value, Struct) or not isinstance(value, Mapping):
            raise _no_field(value, name)
        if self._strict or (isinstance(value, Map) and value.key):
            raise _no_field(value, name)
        return NO_VALUE


def _argument(value: Any) -> Any:
    return NO_VALUE if value is None else value


def _no_field(value: Any, name: str) -> Problem:
    if value is None or value is NO_VALUE or value is NIL_POINTER:
        return Problem(f"there is no field {name} of nil")
    names = ", ".join(value) if isinstance(value, Mapping) else ""
    return Problem(f"there is no field {name}", f"the fields are {names}" if names else None)
