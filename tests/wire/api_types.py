"""The types that `core.api.Authority` takes and answers, out of its own annotations."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

from contctl.core import api
from contctl.core.domain.streams import Chunk

_SOURCE = ast.parse(inspect.getsource(api))


def argument_types() -> dict[str, Any]:
    """By the name of the part, the method and the argument."""
    return {
        f"{name}.{argument}": type_
        for name, hints in _operations()
        for argument, type_ in hints.items()
        if argument != "return" and get_origin(type_) is not Iterable
    }


def answer_types() -> dict[str, Any]:
    """By the name of the part and the method; of a stream the type of an item, without those that
    have frames of their own."""
    answers = {name: _of_stream(hints["return"]) for name, hints in _operations()}
    return {
        name: type_ for name, type_ in answers.items() if type_ not in (Chunk, bytes, api.Duplex)
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    names = _imported_for_types()
    for part, accessor in vars(api.Authority).items():
        if not isinstance(accessor, property):
            continue
        protocol = get_type_hints(accessor.fget)["return"]
        for method, found in vars(protocol).items():
            function = found.fget if isinstance(found, property) else found
            if not method.startswith("_") and inspect.isfunction(function):
                yield f"{part}.{method}", get_type_hints(function, localns=names)


def _imported_for_types() -> dict[str, Any]:
    """The names that the module imports for its annotations alone."""
    names: dict[str, Any] = {}
    for node in _SOURCE.body:
        if isinstance(node, ast.If):
            exec(compile(ast.Module(node.body, []), "imports", "exec"), names)
    return names


def _of_stream(type_: Any) -> Any:
    return get_args(type_)[0] if get_origin(type_) is api.Stream else type_
