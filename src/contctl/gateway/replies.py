"""Answers as ASGI messages."""

import asyncio
from typing import Any

from starlette.types import Receive, Send

from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire import codec, problems
from contctl.wire.codec import dumps

LINGER = 1.0
"""Seconds for which a refused peer may go on sending before its connection is closed: closed at
once, it might be reset before the answer was read (RFC 9112, section 9.6)."""

_BUG = 500
_UPGRADE = 426
_OWN_STATUSES = {"bug": (_BUG, "Internal Server Error"), "upgrade": (_UPGRADE, "Upgrade Required")}
_MORE_HEADERS = {
    401: [(b"www-authenticate", b"Bearer")],
    _UPGRADE: [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")],
    429: [(b"retry-after", b"1")],
}


def problem_of(error: ContctlError) -> tuple[int, bytes]:
    """Status and body of the answer that tells of `error`."""
    problem = problems.to_problem(error)
    own = _OWN_STATUSES.get(error.reason or "")
    if own is not None:
        problem["status"], problem["title"] = own
    return problem["status"], dumps(problem)


async def send_json(send: Send, value: Any) -> None:
    """Answer with `value`. ContctlError FAILED where it cannot be sent."""
    await send_body(send, dumps(value))


async def send_body(send: Send, body: bytes) -> None:
    """Answer with JSON that is text already."""
    headers = _headers(codec.CONTENT_TYPE, body)
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: Send, error: ContctlError, unread: Receive | None) -> None:
    """Answer with `error`. unread: gives what the peer still sends; None where it has ended."""
    status, body = problem_of(error)
    headers = _problem_headers(status, body)
    if error.reason == "method":
        headers.append((b"allow", error.details["allow"].encode("ascii")))
    if unread is not None:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": unread is not None})
    if unread is not None:
        await _drain(unread)
        await send({"type": "http.response.body", "body": b""})


async def refuse_websocket(send: Send, error: ContctlError) -> None:
    """Answer a handshake with `error`."""
    status, body = problem_of(error)
    headers = _problem_headers(status, body)
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


def no_such_operation() -> ContctlError:
    """The answer to a path that this gateway does not know."""
    return ContctlError(
        ErrorCode.USAGE,
        "this gateway has no such operation",
        hint="its operations are described at /v1/openapi.json",
        details={"reason": "no-such-operation"},
    )


def wrong_method(allowed: str) -> ContctlError:
    """The answer to another method than those that are `allowed`."""
    return ContctlError(
        ErrorCode.USAGE,
        f"only {allowed} is answered here",
        details={"reason": "method", "allow": allowed},
    )


def upgrade_required() -> ContctlError:
    """The answer to a plain request where a WebSocket is spoken."""
    return ContctlError(
        ErrorCode.USAGE, "a WebSocket is spoken here", details={"reason": "upgrade"}
    )


def more_headers(status: int) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that its status asks for."""
    return _MORE_HEADERS.get(status, [])


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _problem_headers(status: int, body: bytes) -> list[tuple[bytes, bytes]]:
    return [*_headers(problems.CONTENT_TYPE, body), *more_headers(status)]


def _headers(content_type: str, body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", content_type.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
