"""What is sent is what arrives, for every type of the API."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.actions import Action, Outcome, Stop
from contctl.core.domain.containers import Container, Port
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.schemas import components
from contctl.wire.codec import decode, dumps, encode, loads
from tests.wire.api_types import answer_types, argument_types
from tests.wire.values import FEW, errors, values_of

ARGUMENTS = argument_types()
ANSWERS = answer_types()
ALL = ARGUMENTS | ANSWERS


def test_the_types_are_those_of_the_api() -> None:
    assert ARGUMENTS["containers.act.action"] == Action
    assert ANSWERS["containers.list"] == tuple[Container, ...]
    assert ANSWERS["containers.act"] == Outcome
    assert ANSWERS["password_rules.min_length"] is int
    assert len(ARGUMENTS) > 40
    assert len(ANSWERS) > 30


@pytest.mark.parametrize("type_", ALL.values(), ids=ALL)
@FEW
@given(st.data())
def test_what_is_sent_arrives(type_: Any, data: st.DataObject) -> None:
    value = data.draw(values_of(type_))
    arrived = decode(type_, loads(dumps(value)))
    assert dumps(arrived) == dumps(value)
    if "Problem" not in components([type_]):  # Two errors are never equal.
        assert arrived == value


@given(values_of(tuple[ContctlError | None, ...]))
def test_errors_arrive_among_other_answers(value: tuple[ContctlError | None, ...]) -> None:
    arrived = decode(tuple[ContctlError | None, ...], loads(dumps(value)))
    assert [error and facts(error) for error in arrived] == [
        error and facts(error) for error in value
    ]


@given(errors)
def test_an_error_arrives_inside_an_outcome(error: ContctlError) -> None:
    arrived = decode(Outcome, loads(dumps(Outcome("web", None, error))))
    assert (arrived.ref, arrived.container_id) == ("web", None)
    assert facts(arrived.error) == facts(error)


def test_the_documents_are_these() -> None:
    assert encode(Stop(10)) == {"type": "stop", "grace": 10, "signal": None}
    assert encode(Port(80, "tcp")) == {
        "container_port": 80,
        "protocol": "tcp",
        "host_ip": None,
        "host_port": None,
        "last_host_port": None,
    }
    assert dumps({"a": (b"\x00\xff", None, True)}) == b'{"a":["AP8=",null,true]}'
    assert encode(ErrorCode.STORE) == "store"
    assert type(encode(ErrorCode.STORE)) is str


def facts(error: ContctlError) -> tuple[object, ...]:
    return error.code, error.message, error.hint, error.details
