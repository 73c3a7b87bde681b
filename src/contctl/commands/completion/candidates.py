"""How a command line may go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from contctl.commands.app import App
from contctl.commands.completion.line import CONTEXT, Place, place_after
from contctl.commands.completion.targets import contexts, names_at
from contctl.commands.lazy import LazyGroup
from contctl.commands.output.escape import is_plain


class Candidates(NamedTuple):
    """Words that may stand where the cursor is. files: where there are none, names of files may."""

    words: tuple[str, ...] = ()
    files: bool = False


def candidates(app: App, root: LazyGroup, words: Sequence[str], begun: str) -> Candidates:
    """What may stand after `words` and begins with `begun`. ContctlError where somebody has to be
    asked who does not answer."""
    place = place_after(root, words)
    if place is None:
        return Candidates()
    app.options.no_input = True
    app.options.context = place.context
    if place.pending is not None:
        return _beginning(begun, *_values(app, place.pending))
    name, equals, value = begun.partition("=")
    if not place.ended and begun.startswith("--") and equals:
        option = place.options.get(name)
        if option is None or option.is_flag:
            return Candidates()
        found = _beginning(value, *_values(app, option))
        return Candidates(tuple(f"{name}={word}" for word in found.words), found.files)
    if not place.ended and begun.startswith("-"):
        return _beginning(begun, place.options)
    if place.entry is None:
        return _beginning(begun, place.group.list_commands(None))
    return _beginning(begun, _not_given(place, names_at(app, place)), files=True)


def _values(app: App, option: Any) -> tuple[Iterable[str], bool]:
    """What an option may be given, and whether that may be a file."""
    if option.name == CONTEXT:
        return contexts(app), False
    choices = getattr(option.type, "choices", ())
    return map(str, choices), not choices


def _not_given(place: Place, names: Iterable[str]) -> Iterable[str]:
    return (name for name in names if name not in place.given)


def _beginning(begun: str, words: Iterable[str], files: bool = False) -> Candidates:
    """Those of `words` that begin so, and that a person could type."""
    fitting = {word for word in words if word.startswith(begun) and all(map(is_plain, word))}
    return Candidates(tuple(sorted(fitting)), files and not fitting)
