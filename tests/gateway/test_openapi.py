"""The description of the gateway, and that it tells the truth."""

import json
from typing import Any

import jsonschema_rs
import pytest

from contctl import __version__
from contctl.core.domain.roles import Role
from contctl.gateway.operations import OPERATIONS, Kind
from tests.gateway.served import PASSWORD, Served


@pytest.fixture
def description(gateway: Served) -> Any:
    answer = gateway.nobody.send("/v1/openapi.json", method="GET")
    assert answer.status == 200
    assert answer.headers["Contctl-Version"] == __version__
    return answer.json


def test_every_operation_is_described(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    for operation in OPERATIONS:
        method = "get" if operation.kind is Kind.DUPLEX else "post"
        (found,) = description["paths"][operation.path].items()
        assert found[0] == method
        assert found[1]["summary"]
        assert found[1]["security"] in ([{"token": []}], [{"token": []}, {}])
        assert found[1]["responses"]
    assert len(description["paths"]) == len(OPERATIONS) + 1


def test_every_reference_leads_somewhere(description: Any) -> None:
    schemas = description["components"]["schemas"]
    text = json.dumps(description)
    for part in text.split('"$ref": "')[1:]:
        reference = part.partition('"')[0]
        assert reference.removeprefix("#/components/schemas/") in schemas


def schema_for(description: Any, path: str, status: str) -> Any:
    (content,) = description["paths"][path]["post"]["responses"][status]["content"].values()
    return {**content["schema"], "components": description["components"]}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("containers/list", {"query": {"all": True}}),
        ("containers/inspect", {"refs": ["web", "no"]}),
        ("users/show", {"name": None}),
        ("session/status", {}),
        ("session/login", {"username": "ada", "password": PASSWORD}),
        ("logins/list", {"user": None}),
        ("logins/revoke", {"session_ids": ["no"]}),
        ("ci_tokens/current", {}),
        ("rights/can", {"permission": "container:list", "ref": None, "user": None}),
        ("rights/all", {"ref": None, "user": None}),
        ("audit/head", {}),
        ("audit/verify", {"anchor": None}),
        ("password_rules/min_length", {}),
        ("password_rules/check", {"username": "bob", "password": PASSWORD}),
    ],
)
def test_answers_are_as_described(
    gateway: Served, description: Any, name: str, arguments: dict[str, Any]
) -> None:
    gateway.container("web")
    answer = gateway.admin.done(name, **arguments)
    jsonschema_rs.validate(schema_for(description, f"/v1/{name}", "200"), answer)


def test_problems_are_as_described(gateway: Served, description: Any) -> None:
    viewer = gateway.add(Role.VIEWER)
    for answer in (
        viewer.call("users/show", name="ada"),
        viewer.call("users/show"),
        gateway.nobody.call("users/show", name=None),
        gateway.admin.call("users/show", name="bob"),
    ):
        schema = schema_for(description, "/v1/users/show", str(answer.status))
        jsonschema_rs.validate(schema, answer.json)
