"""The schemas that describe the wire agree with what is read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.actions import Action
from contctl.core.domain.audit_chain import Anchor
from contctl.core.domain.grants import Scope
from contctl.core.errors import ContctlError
from contctl.gateway.schemas import components, schema_of
from contctl.wire.codec import decode, encode
from contctl.wire.decoding import LARGEST
from tests.wire.api_types import answer_types, argument_types
from tests.wire.values import FEW, plain_texts, values_of

ALL = argument_types() | answer_types()
EXACT = {name: type_ for name, type_ in ALL.items() if "Problem" not in components([type_])}
"""Errors are read from whatever a newer contctl makes of them."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST * 2, LARGEST * 2)
    | st.sampled_from([LARGEST, -LARGEST, LARGEST + 1, -LARGEST - 1, 1.0, -0.0, 1.5, 1e300])
    | plain_texts
    | st.sampled_from(["stop", "admin", "AP8=", "AP8", "AP==", "AP8=\n", "="])
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_texts, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("type_", EXACT.values(), ids=EXACT)
@FEW
@given(st.data())
def test_the_schema_accepts_what_is_read_and_nothing_else(type_: Any, data: st.DataObject) -> None:
    document = data.draw(
        values_of(type_).map(encode).map(without_surrogates).flatmap(altered) | documents
    )
    assert validator(type_).is_valid(document) is is_read(type_, document)


@pytest.mark.parametrize("type_", ALL.values(), ids=ALL)
@FEW
@given(st.data())
def test_the_schema_accepts_what_is_sent(type_: Any, data: st.DataObject) -> None:
    document = data.draw(values_of(type_).map(encode).map(without_surrogates))
    validator(type_).validate(document)


@pytest.mark.parametrize("type_", [bytes, int, float, tuple[str, str], Action, Scope | None])
@given(documents)
def test_the_parts_of_schemas_agree(type_: Any, document: Any) -> None:
    assert validator(type_).is_valid(document) is is_read(type_, document)


@given(st.binary().map(encode), st.text("AP8=+/-_ \n", max_size=3))
def test_base64_is_the_same_for_both(good: str, more: str) -> None:
    for text in (good + more, more + good, more):
        assert validator(bytes).is_valid(text) is is_read(bytes, text)


def test_each_member_of_a_union_says_which_it_is() -> None:
    members = components([Action])
    assert members["Stop"]["properties"]["type"] == {"const": "stop"}
    assert members["Stop"]["required"] == ["type"]
    assert members["Rename"]["required"] == ["type", "name"]
    assert {"$ref": "#/components/schemas/Stop"} in schema_of(Action)["anyOf"]
    assert members["Stop"]["description"].startswith("Stop it.")


def test_a_class_is_described_once_with_all_that_it_is_made_of() -> None:
    assert set(components([tuple[Anchor, ...], Sequence[Scope], Anchor | None])) == {
        "Anchor",
        "Scope",
    }
    assert components([str, int | None]) == {}


def test_two_classes_of_one_name_are_refused() -> None:
    @dataclass
    class Anchor2:
        x: int

    Anchor2.__name__ = "Anchor"
    with pytest.raises(TypeError):
        components([Anchor, Anchor2])


@pytest.mark.parametrize("type_", [set[str], complex, dict[int, str]])
def test_other_types_have_no_schema(type_: Any) -> None:
    with pytest.raises(TypeError):
        schema_of(type_)


def validator(type_: Any) -> Any:
    document = {**schema_of(type_), "components": {"schemas": components([type_])}}
    return jsonschema_rs.Draft202012Validator(document)


def is_read(type_: Any, document: Any) -> bool:
    try:
        decode(type_, document)
    except ContctlError:
        return False
    return True


def without_surrogates(document: Any) -> Any:
    """The schemas' validator has no texts with lone surrogates."""
    if isinstance(document, str):
        return document.encode("utf-8", "replace").decode()
    if isinstance(document, list):
        return [without_surrogates(item) for item in document]
    if isinstance(document, dict):
        return {without_surrogates(key): without_surrogates(document[key]) for key in document}
    return document


@st.composite
def altered(draw: st.DrawFn, document: Any) -> Any:
    """`document` with one thing changed somewhere, left out or added; or as it is."""
    if not isinstance(document, dict | list) or draw(st.booleans()):
        return draw(st.just(document) | scalars)
    places: list[Any] = list(document) if isinstance(document, dict) else [*range(len(document))]
    place = draw(st.sampled_from([*places, None]))
    if place is None:
        added = draw(scalars)
        name = draw(plain_texts)
        return [*document, added] if isinstance(document, list) else {**document, name: added}
    made = document.copy()
    if draw(st.booleans()):
        del made[place]
    else:
        made[place] = draw(altered(document[place]))
    return made
