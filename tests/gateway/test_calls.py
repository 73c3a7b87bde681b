"""Operations that answer, and what is refused before anything is called."""

import asyncio
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from contctl import __version__
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.calls import Workers
from contctl.gateway.limits import Limits
from tests.bounded import SECONDS, eventually
from tests.gateway.served import FRAMES, PASSWORD, Peer, Served, read_answer, served


def test_a_call_is_answered(gateway: Served) -> None:
    id_ = gateway.container("web")
    answer = gateway.admin.call("containers/list", query={"all": True})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Contctl-Version"] == __version__
    assert [container["id"] for container in answer.json] == [id_]


def test_none_is_null(gateway: Served) -> None:
    assert gateway.admin.call("users/check_new", name="bob").body == b"null"


def test_a_property_is_answered(gateway: Served) -> None:
    assert gateway.nobody.done("password_rules/min_length") == 15


def test_info_needs_no_caller(gateway: Served) -> None:
    answer = gateway.nobody.send("/v1/info", method="GET")
    assert answer.json == {"version": __version__, "api": 1}
    assert answer.headers["Contctl-Version"] == __version__


def test_roles_are_enforced(gateway: Served) -> None:
    viewer = gateway.add(Role.VIEWER)
    assert viewer.done("containers/list", query={}) == []
    spec = {"image": "busybox:latest"}
    refused = viewer.call("containers/create", spec=spec, request="r1")
    assert refused.is_problem(403, "forbidden")
    assert "container:create" in refused.json["detail"]
    assert not gateway.ports.engine.changes


def test_a_ci_token_is_a_bearer_too(gateway: Served) -> None:
    made = gateway.admin.done(
        "ci_tokens/create", name="deploy", role="viewer", scope={}, lifetime=3600
    )
    peer = Peer(gateway.path, made["text"])
    assert peer.done("ci_tokens/current")["token"]["name"] == "deploy"
    assert peer.call("users/show", name="nobody").is_problem(403, "forbidden")


@pytest.mark.parametrize("header", ["Basic YWRh", "Bearer", "Bearer a b", "Bearer \xe9", "ctl_x"])
def test_what_is_no_bearer_token_is_not_authenticated(gateway: Served, header: str) -> None:
    answer = gateway.nobody.send("/v1/users/show", b'{"name":null}', Authorization=header)
    assert answer.is_problem(401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_nobody_and_a_bad_token_are_not_authenticated(gateway: Served) -> None:
    for peer in (gateway.nobody, Peer(gateway.path, "ctl_nonsense"), Peer(gateway.path, "a.b.c")):
        assert peer.call("users/show", name=None).is_problem(401, "not-authenticated")


def test_two_tokens_are_none(gateway: Served) -> None:
    body = b'{"name":null}'
    head = gateway.admin.head("/v1/users/show", len(body))
    doubled = head.replace(b"Host: x\r\n", b"Host: x\r\nAuthorization: Bearer x\r\n")
    assert gateway.admin.raw(doubled + body).is_problem(401, "not-authenticated")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", None),
        (b"[]", None),
        (b"{", None),
        (b'{"name":null,"name":null}', None),
        (b'{"name":NaN}', None),
        (b'{"name":"\xff"}', None),
        (b'{"name":1}', None),
        (b"{}", None),
        (b'{"name":null,"Name":null}', "unknown-field"),
        (b'{"name":' + b"[" * 40 + b"]" * 40 + b"}", None),
    ],
)
def test_what_is_not_the_request(gateway: Served, body: bytes, reason: str | None) -> None:
    assert gateway.admin.send("/v1/users/show", body).is_problem(400, "usage", reason)


@pytest.mark.parametrize(
    "type_",
    ["text/plain", "application/x-www-form-urlencoded", "", FRAMES, "application/json; x=y"],
)
def test_another_content_type(gateway: Served, type_: str) -> None:
    answer = gateway.admin.send("/v1/users/show", b'{"name":null}', Content_Type=type_)
    assert answer.is_problem(415, "usage", "content-type")


def test_the_charset_may_be_said(gateway: Served) -> None:
    type_ = 'application/json; charset="UTF-8"'
    answer = gateway.admin.send("/v1/users/show", b'{"name":null}', Content_Type=type_)
    assert answer.status == 200


def test_a_body_that_is_too_long_by_its_own_word(gateway: Served) -> None:
    head = gateway.admin.head("/v1/users/show", 1024 * 1024 + 1)
    started = time.monotonic()
    assert gateway.admin.raw(head).is_problem(413, "usage", "too-large")
    assert time.monotonic() - started < 5


def test_a_body_that_grows_too_long(gateway: Served) -> None:
    head = gateway.admin.head("/v1/users/show", 0).replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked"
    )
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert gateway.admin.raw(head + piece * 17).is_problem(413, "usage", "too-large")


def test_a_whole_long_body_is_answered_and_not_reset(gateway: Served) -> None:
    answer = gateway.admin.send("/v1/users/show", b" " * (1024 * 1024 + 1))
    assert answer.is_problem(413, "usage", "too-large")


def test_a_body_that_comes_too_slowly(tmp_path: Path) -> None:
    with served(tmp_path, Limits(body_seconds=1)) as gateway:
        head = gateway.admin.head("/v1/users/show", 100)
        started = time.monotonic()
        assert gateway.admin.raw(head + b'{"na').is_problem(408, "usage", "too-slow")
        assert 0.9 < time.monotonic() - started < 8


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/users", "/v1/users/show/", "/v1/users/Show", "/v1/session/identity"]
)
def test_no_such_operation(gateway: Served, path: str) -> None:
    answer = gateway.admin.send(path, b"{}")
    assert answer.is_problem(404, "usage", "no-such-operation")
    assert answer.headers["Contctl-Version"] == __version__


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_pages_that_load_scripts_are_not_there(gateway: Served, path: str) -> None:
    assert gateway.nobody.send(path, method="GET").is_problem(404, "usage", "no-such-operation")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_another_method(gateway: Served, method: str) -> None:
    answer = gateway.admin.send("/v1/users/show", b"{}", method=method)
    assert answer.is_problem(405, "usage", "method")
    assert answer.headers["Allow"] == "POST"


def test_a_plain_request_where_a_websocket_is_spoken(gateway: Served) -> None:
    answer = gateway.admin.send("/v1/containers/exec", method="GET")
    assert answer.is_problem(426, "usage", "upgrade")
    assert answer.headers["Upgrade"] == "websocket"


def test_errors_of_the_services_are_problems(gateway: Served) -> None:
    assert gateway.admin.call("users/show", name="bob").is_problem(404, "not-found")
    taken = gateway.admin.call("users/check_new", name="ada")
    assert taken.is_problem(409, "conflict")
    assert gateway.admin.call("users/check_new", name="A B").is_problem(400, "usage")
    gateway.ports.engine.fail_next("list", ContctlError(ErrorCode.UNSUPPORTED, "cannot"))
    assert gateway.admin.call("containers/list", query={}).is_problem(501, "unsupported")


def test_fewer_records_than_none_are_refused(gateway: Served) -> None:
    query = {"last": -1}
    assert gateway.admin.call("audit/list", query=query).is_problem(400, "usage")
    assert gateway.admin.call("audit/list", query={"last": 0}).status == 200


class Buggy:
    """An authority with a bug in every part."""

    def __getattr__(self, name: str) -> Any:
        raise KeyError(f"{PASSWORD} {name}")


def test_a_bug_is_answered_as_one_and_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "contctl.gateway")
    with served(tmp_path, offer=lambda _: Buggy()) as gateway:
        answer = gateway.nobody.call("session/login", username="ada", password=PASSWORD)
        assert answer.is_problem(500, "failed", "bug")
        assert answer.json["detail"] == "contctl has a bug"
        assert PASSWORD.encode() not in answer.body
        assert gateway.nobody.send("/v1/info", method="GET").status == 200
    (bug,) = (record for record in caplog.records if record.getMessage() == "bug")
    assert bug.exc_info is not None
    assert bug.exc_info[0] is KeyError


def test_one_record_for_each_request_without_secrets(
    gateway: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "contctl.gateway")
    gateway.admin.call("users/check_new", name="canary-name")
    gateway.admin.send("/v1/nothing", b"{}")
    wanted: list[dict[str, Any]] = []

    def logged() -> bool:
        every = [vars(record).get("fields", {}) for record in caplog.records]
        wanted[:] = [fields for fields in every if fields["operation"] != "session/login"]
        return len(wanted) == 2

    eventually(logged, "both requests are logged")
    first, second = wanted
    assert (first["operation"], first["status"]) == ("users/check_new", 200)
    assert (first["received"], first["sent"]) == (len(b'{"name": "canary-name"}'), 4)
    assert first["uid"] >= 0
    assert (second["operation"], second["status"]) == ("", 404)
    written = json.dumps([vars(record) for record in caplog.records], default=str)
    assert "canary-name" not in written
    assert gateway.admin.token is not None
    assert gateway.admin.token not in written


def test_many_at_once_are_all_answered(gateway: Served) -> None:
    gateway.container("web")
    found: list[int] = []

    def ask() -> None:
        found.append(gateway.admin.call("containers/list", query={}).status)

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert found == [200] * 60


def test_more_calls_than_may_wait_are_refused_as_busy() -> None:
    go_on = threading.Event()

    async def scene() -> None:
        workers = Workers(1, 8, "calls")
        waiting = [asyncio.create_task(workers.run(go_on.wait)) for _ in range(9)]
        await asyncio.sleep(0)
        with pytest.raises(ContctlError) as raised:
            await workers.run(go_on.wait)
        go_on.set()
        assert await asyncio.wait_for(asyncio.gather(*waiting), SECONDS) == [True] * 9
        assert await workers.run(lambda: 1) == 1
        workers.close()
        assert (raised.value.code, raised.value.reason) == (ErrorCode.UNAVAILABLE, "busy")

    asyncio.run(scene())


def test_each_peer_may_ask_only_so_often(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=1, request_burst=10)
    with served(tmp_path, limits) as gateway:
        statuses = [gateway.nobody.call("password_rules/min_length").status for _ in range(15)]
        assert set(statuses) == {200, 429}
        answer = gateway.nobody.call("password_rules/min_length")
        assert answer.is_problem(429, "unavailable", "rate-limited")
        assert answer.headers["Retry-After"] == "1"


def test_each_peer_may_try_passwords_only_so_often(tmp_path: Path) -> None:
    with served(tmp_path, Limits(logins_per_second=1, login_burst=5)) as gateway:
        tries = [
            gateway.nobody.call("session/login", username="ada", password="wrong").status
            for _ in range(6)
        ]
        assert tries[0] == 401
        assert tries[-1] == 429
        assert gateway.nobody.done("password_rules/min_length") == 15


def test_a_peer_that_leaves_mid_body_harms_nobody(gateway: Served) -> None:
    connection = gateway.admin.connect()
    connection.sendall(gateway.admin.head("/v1/users/show", 100) + b"{")
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    assert gateway.admin.done("users/show", name=None)["user"]["name"] == "ada"


def test_one_connection_serves_several_requests(gateway: Served) -> None:
    with gateway.admin.connect() as connection:
        for _ in range(3):
            body = b'{"name":null}'
            connection.sendall(gateway.admin.head("/v1/users/show", len(body)) + body)
            assert read_answer(connection).status == 200
