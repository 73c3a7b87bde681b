"""Values of every type that goes over the wire, for hypothesis."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.decoding import LARGEST

FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a property of many types."""

texts = st.text(max_size=8)
"""Lone surrogates too."""
plain_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(-LARGEST, LARGEST, allow_nan=False)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
errors = st.builds(
    ContctlError,
    st.sampled_from(ErrorCode),
    texts,
    hint=st.none() | texts,
    details=st.dictionaries(texts, texts, max_size=2),
)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: json_values,
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(-LARGEST, LARGEST),
    float: numbers,
    str: texts,
    bytes: st.binary(max_size=8),
    Secret: st.builds(Secret, texts),
    ContctlError: errors,
}


@cache
def values_of(type_: Any) -> st.SearchStrategy[Any]:
    """Any value of `type_` that may be sent."""
    if type_ in _PLAIN:
        return _PLAIN[type_]
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        return st.one_of([values_of(member) for member in arguments])
    if origin is tuple and arguments[-1] is not ...:
        return st.tuples(*[values_of(argument) for argument in arguments])
    if origin in (tuple, Sequence):
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin in (dict, Mapping):
        return st.dictionaries(texts, values_of(arguments[1]), max_size=3)
    if issubclass(type_, StrEnum):
        return st.sampled_from(type_)
    return st.deferred(lambda: _objects(type_))


def _objects(class_: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(class_)
    return st.builds(
        class_, **{field.name: values_of(hints[field.name]) for field in fields(class_)}
    )
