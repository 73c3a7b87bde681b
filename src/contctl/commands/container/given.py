"""The values that a command line gives to declared options, read with what each of them means."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

import typer

from contctl.core.errors import ContctlError, ErrorCode

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., int | None])


@dataclass(frozen=True, slots=True)
class Declared:
    """An option. names: its spellings, as `--memory -m`; the first gives it its name.

    metavar: what its value is; empty for one that is on or off.  many: it may be given again.
    unset: what one that is on or off is where it is not given.
    """

    names: str
    help: str
    metavar: str = ""
    many: bool = False
    unset: bool | None = False
    hidden: bool = False

    @property
    def name(self) -> str:
        """As a parameter's: `memory_swap`."""
        return self.names.split()[0].partition("/")[0].strip("-").replace("-", "_")

    @property
    def label(self) -> str:
        """As docker's errors name it: `-m, --memory`."""
        names = [name.partition("/")[0] for name in self.names.split()]
        long = [name for name in names if name.startswith("--")][:1]
        return ", ".join([name for name in names if not name.startswith("--")][:1] + long)


def takes(options: Iterable[Declared]) -> Callable[[Command], Command]:
    """Let typer see `options` as parameters of a command that takes them as `**options`."""

    def decorate(command: Command) -> Command:
        own = [
            parameter
            for parameter in inspect.signature(command).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        command.__dict__["__signature__"] = inspect.Signature([*own, *map(_parameter, options)])
        return command

    return decorate


def _parameter(option: Declared) -> inspect.Parameter:
    type_: Any = str | None
    default: Any = None
    if option.many:
        type_ = list[str] | None
    elif not option.metavar:
        type_, default = bool | None if option.unset is None else bool, option.unset
    setting = typer.Option(
        *option.names.split(),
        help=option.help,
        metavar=option.metavar or None,
        hidden=option.hidden,
        show_default=False,
    )
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[type_, setting],
    )


class Given:
    """Values by the names of their options. What a parser refuses with a ValueError is USAGE, in
    docker's words."""

    def __init__(self, values: Mapping[str, object], options: Iterable[Declared]) -> None:
        self._values = values
        self._options = {option.name: option for option in options}

    def on(self, name: str) -> bool:
        """Whether it is on."""
        return bool(self._values[name])

    def switch(self, name: str) -> bool | None:
        """Whether it is on; None where it was not given."""
        return cast("bool | None", self._values[name])

    def text(self, name: str) -> str | None:
        """Its value; None where it was not given."""
        return cast("str | None", self._values[name])

    def word(self, name: str) -> str:
        """Its value; empty where it was not given."""
        return self.text(name) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """All its values."""
        return tuple(cast("list[str] | None", self._values[name]) or ())

    def one(self, name: str, parse: Callable[[str], T], unset: T) -> T:
        """What `parse` makes of its value; `unset` where it was not given."""
        text = self.text(name)
        return unset if text is None else self._parsed(name, parse, text)

    def each(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """What `parse` makes of each of its values."""
        return tuple(self._parsed(name, parse, text) for text in self.texts(name))

    def pairs(self, name: str, check: Callable[[str], object] = str) -> dict[str, str]:
        """Its values `KEY=VALUE` by key, after `check`."""
        self.each(name, check)
        return pairs(self.texts(name))

    def _parsed(self, name: str, parse: Callable[[str], T], text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            label = self._options[name].label
            raise usage(f'invalid argument "{text}" for "{label}" flag: {error}') from None


def usage(message: str) -> ContctlError:
    """ContctlError USAGE."""
    return ContctlError(ErrorCode.USAGE, message)


def pairs(values: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE`, or `KEY` for an empty value, by key; the last one counts."""
    return {key: value for key, _, value in (each.partition("=") for each in values)}
