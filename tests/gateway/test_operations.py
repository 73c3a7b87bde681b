"""The table of operations says what the inbound port does, no more and no less."""

import inspect
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from contctl.core import answers, api, errors
from contctl.core.domain import (
    accounts,
    actions,
    audit,
    audit_chain,
    audit_check,
    containers,
    create,
    credentials,
    grants,
    images,
    observed,
    roles,
    secret,
    store,
    streams,
    tokens,
    transfers,
)
from contctl.gateway.operations import NOT_OFFERED, OPERATIONS, PARTS, Kind, Operation

MODULES = (
    answers, errors, accounts, actions, audit, audit_chain, audit_check, containers, create,
    credentials, grants, images, observed, roles, secret, store, streams, tokens, transfers,
)  # fmt: skip
NAMES = {
    **{name: value for module in MODULES for name, value in vars(module).items()},
    **vars(api),
    "Path": Path,
}


def hints(part: str, method: str) -> dict[str, Any]:
    found = inspect.getattr_static(PARTS[part], method)
    function = found.fget if isinstance(found, property) else found
    return typing.get_type_hints(function, NAMES)


def methods(part: str) -> list[str]:
    return [name for name in vars(PARTS[part]) if not name.startswith("_")]


def named(name: str) -> Operation:
    return next(operation for operation in OPERATIONS if operation.name == name)


def on_the_wire(hint: Any) -> Any:
    """The type in the table of an annotation of the Protocols."""
    return tuple[str, ...] if hint == api.Refs else hint


def test_every_part_is_there() -> None:
    properties = [
        name for name, value in vars(api.Authority).items() if isinstance(value, property)
    ]
    assert sorted(PARTS) == sorted(properties)
    for part in properties:
        built = typing.get_type_hints(inspect.getattr_static(api.Authority, part).fget, NAMES)
        assert built["return"] is PARTS[part]


def test_every_method_is_offered_or_named_as_not_offered() -> None:
    every = {f"{part}/{method}" for part in PARTS for method in methods(part)}
    offered = [operation.name for operation in OPERATIONS]
    assert len(offered) == len(set(offered))
    assert set(offered) | NOT_OFFERED == every
    assert not NOT_OFFERED & set(offered)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_names_and_types_agree(operation: Operation) -> None:
    wanted = hints(operation.part, operation.method)
    answer = wanted.pop("return")
    if operation.kind is Kind.UPLOAD:
        assert wanted.pop("tar") == Iterable[bytes]
    assert dict(operation.arguments) == {name: on_the_wire(hint) for name, hint in wanted.items()}
    if operation.kind is Kind.STREAM:
        assert typing.get_origin(answer) is api.Stream
        assert typing.get_args(answer) == (operation.answer,)
    elif operation.kind is Kind.DUPLEX:
        assert answer is api.Duplex
        read = typing.get_type_hints(api.Duplex.read, NAMES)["return"]
        assert typing.get_args(read) == (*typing.get_args(operation.answer), type(None))
    else:
        assert operation.answer == (None if answer is type(None) else answer)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_described(operation: Operation) -> None:
    assert operation.description


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_takes_a_new_password_is_known_to_hash(operation: Operation) -> None:
    takes = "password" in operation.arguments and operation.part != "password_rules"
    assert operation.hashes == takes


def test_nothing_takes_a_path_of_this_machine() -> None:
    assert all(Path not in operation.arguments.values() for operation in OPERATIONS)
