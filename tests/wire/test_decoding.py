"""Nothing is read as what it was not sent as."""

from collections.abc import Sequence
from dataclasses import make_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.actions import Action, Start, Stop
from contctl.core.domain.audit_chain import Anchor
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import AttachSpec, Condition, LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import decode, encode
from contctl.wire.decoding import LARGEST
from tests.wire.api_types import argument_types
from tests.wire.values import FEW, json_values

ARGUMENTS = argument_types()
INFINITE = float("inf")

REFUSED: list[tuple[Any, Any, str | None]] = [
    (Action, {"type": "stop", "grace": True}, "grace: not an integer"),
    (Action, {"type": "stop", "grace": 1.5}, "grace: not an integer"),
    (Action, {"type": "stop", "grace": "1"}, "grace: not an integer"),
    (Action, {"type": "stop", "grace": INFINITE}, "grace: not an integer"),
    (Action, {"type": "stop", "grace": LARGEST + 1}, "grace: out of range"),
    (Action, {"type": "stop", "grace": -LARGEST - 1}, "grace: out of range"),
    (Action, {"type": "stop", "grace": 1e300}, "grace: out of range"),
    (Action, {"type": "stop", "signal": 9}, "signal: not text"),
    (Action, {"type": "rename"}, "without name"),
    (Action, {"grace": 10}, None),
    (Action, {"type": "Stop"}, None),
    (Action, {"type": ["stop"]}, None),
    (Action, {"type": "out", "data": ""}, None),
    (Action, [], "not an object"),
    (Action, None, "not an object"),
    (Start, {}, "type: not one of start"),
    (Start, {"type": "stop"}, "type: not one of start"),
    (ListQuery, {"all": 1}, "all: not true or false"),
    (ListQuery, {"all": None}, "all: not true or false"),
    (ListQuery, {"filters": [["a"]]}, "filters.0: not an array of 2"),
    (ListQuery, {"filters": [["a", "b"], ["a", "b", "c"]]}, "filters.1: not an array of 2"),
    (ListQuery, {"filters": [["a", 1]]}, "filters.0.1: not text"),
    (ListQuery, {"filters": [{"0": "a", "1": "b"}]}, "filters.0: not an array"),
    (ListQuery, "all", "not an object"),
    (LogOptions, {"since": True}, "since: not a number"),
    (LogOptions, {"since": "1"}, "since: not a number"),
    (LogOptions, {"since": float("nan")}, "since: out of range"),
    (LogOptions, {"since": -INFINITE}, "since: out of range"),
    (LogOptions, {"until": 1e19}, "until: out of range"),
    (LogOptions, {"until": 10**400}, "until: out of range"),
    (AttachSpec, {"until": "RUNNING"}, "until: not one of not-running, next-exit, removed"),
    (AttachSpec, {"until": 1}, "until: not one of not-running, next-exit, removed"),
    (AttachSpec, {"until": []}, "until: not one of not-running, next-exit, removed"),
    (Sequence[str], "web", "not an array"),
    (Sequence[str], {"web": 1}, "not an array"),
    (Sequence[str], ["web", None], "1: not text"),
    (dict[str, str], {"a": 1}, "*: not text"),
    (dict[str, str], [["a", "b"]], "not an object"),
    (Secret, 5, "not text"),
    (bytes, "AP8", "not base64"),
    (bytes, "AP8=\n", "not base64"),
    (bytes, "A P8=", "not base64"),
    (bytes, "AP-_", "not base64"),
    (bytes, "é", "not base64"),
    (bytes, "AAAA=", "not base64"),
    (bytes, "AP9=", "not base64"),
    (bytes, "AP8=AP8=", "not base64"),
    (bytes, 5, "not text"),
    (None, 0, "not null"),
    (str | None, 0, "not text"),
    (ContctlError | None, "down", "not an object"),
    (Grant, {"id": "1", "role": "admin"}, "without created_at"),
    (
        Grant,
        {"id": "1", "role": "admin", "created_at": 1, "scope": {"within": {"engine": 1}}},
        "scope.within.engine: not text",
    ),
]


@pytest.mark.parametrize(("type_", "value", "message"), REFUSED)
def test_what_is_of_another_type_is_refused(type_: Any, value: Any, message: str | None) -> None:
    with pytest.raises(ContctlError) as raised:
        decode(type_, value)
    assert raised.value.code is ErrorCode.USAGE
    assert raised.value.reason is None
    assert raised.value.message == (
        message
        or "type: not one of start, stop, restart, kill, pause, unpause, remove, rename, update"
    )


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        (ListQuery, {"All": True}, "unknown field 'All'"),
        (ListQuery, {"type": "x"}, "unknown field 'type'"),
        (Action, {"type": "start", "grace": 1}, "unknown field 'grace'"),
        (Grant, {"scope": {"x\n\x1b": 1}}, "scope: unknown field 'x\\n\\x1b'"),
        (ListQuery, {"a" * 1000: True}, f"unknown field '{'a' * 40}...'"),
    ],
)
def test_an_unknown_field_is_refused_by_its_name(type_: Any, value: Any, message: str) -> None:
    with pytest.raises(ContctlError) as raised:
        decode(type_, value)
    assert (raised.value.code, raised.value.message) == (ErrorCode.USAGE, message)
    assert raised.value.reason == "unknown-field"


def test_what_has_a_default_may_be_missing() -> None:
    assert decode(Action, {"type": "stop"}) == Stop()
    assert decode(AttachSpec, {}) == AttachSpec(until=Condition.NOT_RUNNING)
    assert decode(Grant, {"id": "1", "role": "viewer", "created_at": 1}).role is Role.VIEWER


def test_a_whole_number_is_an_integer_however_it_is_written() -> None:
    stop = decode(Stop, {"type": "stop", "grace": 10.0})
    assert type(stop.grace) is int
    assert stop == Stop(10)
    assert type(decode(float, 3)) is float


def test_a_class_that_was_made_of_arguments_is_read() -> None:
    request = make_dataclass("Request", [("refs", tuple[str, ...]), ("user", str | None)])
    made = decode(request, {"refs": ["a"], "user": None})
    assert (made.refs, made.user) == (("a",), None)


def test_a_class_may_be_inside_itself() -> None:
    scope = Scope(("a",), within=Scope(engine="one", within=Scope(labels=(("k", "v"),))))
    assert decode(Scope, encode(scope)) == scope


@pytest.mark.parametrize("type_", ARGUMENTS.values(), ids=ARGUMENTS)
@FEW
@given(st.data())
def test_any_document_is_read_or_refused(type_: Any, data: st.DataObject) -> None:
    document = data.draw(json_values)
    error = refusal(type_, document)
    assert error is None or error.code is ErrorCode.USAGE
    assert error is None or error.message.isprintable()


@given(st.text().map("hunter2".__add__))
def test_no_refusal_repeats_a_value(secret: str) -> None:
    for type_, document in (
        (Anchor, {"authority": 1, "mac": secret}),
        (Action, {"type": secret}),
        (Action, {"type": "stop", "grace": secret}),
        (AttachSpec, {"until": secret}),
        (bytes, f"{secret}!"),
    ):
        with pytest.raises(ContctlError) as raised:
            decode(type_, document)
        assert secret not in raised.value.message


@pytest.mark.parametrize(
    "type_", [object(), set[str], str | int, list[str], dict[int, str], Scope | Grant, complex]
)
def test_other_types_never_go_over_the_wire(type_: Any) -> None:
    with pytest.raises(TypeError):
        decode(type_, None)
    with pytest.raises(TypeError):
        encode({1, 2})
    with pytest.raises(TypeError):
        encode({1: 2})


def refusal(type_: Any, document: Any) -> ContctlError | None:
    try:
        decode(type_, document)
    except ContctlError as error:
        return error
    return None
