"""Each operation answers well at least once, on a real engine and a real database, and as the
description says; and who shows no token, or a forged one, gets as far as it says."""

import json
from collections.abc import Callable, Iterator

import pytest

from contctl.gateway.openapi import description
from contctl.gateway.operations import OPERATIONS, Kind, Operation
from contctl.wire.frames import Kind as Frame
from devtools.engine import PrivateEngine
from tests.gateway.described import check_answer
from tests.gateway.good_calls import CALLS, TALKS, Places
from tests.gateway.real import RealGateway, real_gateway, serving
from tests.gateway.served import FRAMES, JSON, Peer

LEFT = ("containers/stats", "audit/follow")
"""Streams that have no end."""
CALLED = [operation for operation in OPERATIONS if operation.kind is not Kind.DUPLEX]


@pytest.fixture(scope="module")
def gateway(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGateway]:
    with real_gateway(tmp_path_factory.mktemp("good"), docker_engine.host) as found:
        yield found


@pytest.fixture(scope="module")
def bare(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with serving(tmp_path_factory.mktemp("bare"), docker_engine.host) as path:
        yield Peer(path)


@pytest.fixture
def places(gateway: RealGateway, bare: Peer, request: pytest.FixtureRequest) -> Places:
    def image() -> str:
        push: Callable[[], str] = request.getfixturevalue("pushed_image")
        return push()

    return Places(gateway, bare, image)


def test_every_operation_has_a_good_call() -> None:
    called = {operation.name for operation in CALLED}
    assert set(CALLS) == called
    assert set(TALKS) == {operation.name for operation in OPERATIONS} - called


@pytest.mark.parametrize("operation", CALLED, ids=lambda operation: operation.name)
def test_it_answers_well(operation: Operation, places: Places) -> None:
    answer = CALLS[operation.name](places)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == (FRAMES if operation.kind is Kind.STREAM else JSON)
    if operation.kind is Kind.STREAM:
        assert Frame.ERROR not in [kind for kind, _ in answer.frames], answer.frames
    whole = operation.name not in LEFT
    check_answer(operation.path, answer, whole=whole)


@pytest.mark.parametrize("name", TALKS)
def test_a_process_can_be_talked_with(name: str, places: Places) -> None:
    frames = list(TALKS[name](places))
    assert frames[0] == (Frame.ITEM, b"null")
    assert frames[-1][0] is Frame.EXIT
    assert json.loads(frames[-1][1]) == 3


def test_the_description_is_the_one_that_is_served(gateway: RealGateway) -> None:
    answer = gateway.nobody.send("/v1/openapi.json", method="GET")
    assert (answer.status, answer.json) == (200, json.loads(json.dumps(description())))


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("X: " + "x" * 33_000, 431),
        ("no field\r\n\r\n", 400),
        ("\r\n", 426),
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400),
    ],
    ids=["long", "no HTTP", "plain", "no handshake"],
)
def test_what_no_websocket_is_answered(gateway: RealGateway, rest: str, status: int) -> None:
    head = f"GET /v1/containers/exec HTTP/1.1\r\nHost: x\r\n{rest}"
    answer = gateway.admin.raw(head.encode())
    assert answer.status == status
    described = description()["paths"]["/v1/containers/exec"]["get"]["responses"][str(status)]
    for name, header in described["headers"].items():
        assert name in answer.headers or not header["required"]
    assert answer.headers.get_content_type() in described["content"]
