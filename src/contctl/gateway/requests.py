"""What a request has to be before anything is called: its content type, length, pace and form."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any

from starlette.types import Receive

from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import LEFT
from contctl.gateway.limits import Limits
from contctl.gateway.operations import Operation
from contctl.wire import codec

MOST_TARGETS = 1000
"""Containers, sessions or tokens of one request."""
_MOST_OF_NOBODY = 128 * 1024
_LONG = 16 * 1024
# One thread alone: whoever sends much waits for others who do, and leaves most of the interpreter
# to the event loop and all other calls.
_long_bodies = ThreadPoolExecutor(1, "gateway-long-bodies")


class Gone(Exception):
    """The peer has left: nobody waits for an answer."""


async def read_request(
    operation: Operation, scope: Mapping[str, Any], receive: Receive, limits: Limits
) -> Any:
    """The arguments in a JSON body, as an `operation.request`. ContctlError USAGE, some with the
    reasons `content-type`, `too-large`, `too-slow` and `unknown-field`."""
    check_content_type(scope, codec.CONTENT_TYPE)
    async with deadline(limits.body_seconds):
        # Whoever shows no token has no use for more: a name and a password, or a refresh token.
        most = limits.body_bytes if _shows_a_token(scope) else _MOST_OF_NOBODY
        body = await _body(scope, receive, most)
    return await request_of(operation, body)


async def request_of(operation: Operation, body: bytes) -> Any:
    """The arguments in a JSON text, as an `operation.request`; USAGE otherwise."""
    if len(body) <= _LONG:
        return _parse(operation, body)
    return await asyncio.get_running_loop().run_in_executor(_long_bodies, _parse, operation, body)


def _parse(operation: Operation, body: bytes) -> Any:
    request = codec.decode(operation.request, codec.loads(body))
    if any(isinstance(each, tuple) and len(each) > MOST_TARGETS for each in _values(request)):
        raise ContctlError(ErrorCode.USAGE, f"at most {MOST_TARGETS} of them in one request")
    return request


def _values(request: Any) -> tuple[Any, ...]:
    return tuple(getattr(request, field.name) for field in fields(request))


async def body_pieces(receive: Receive) -> AsyncIterator[bytes]:
    """The body of a request as it comes; Gone where the peer leaves before its end."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def left(scope: Mapping[str, Any], receive: Receive | None = None) -> None:
    """Wait until the peer has left, as the server tells.

    receive: for a server that does not tell, where nothing else reads what the peer sends.
    """
    if receive is None or LEFT in scope:
        await scope.get(LEFT, asyncio.Event()).wait()
        return
    while (await receive())["type"] != "http.disconnect":
        pass


def check_content_type(scope: Mapping[str, Any], wanted: str) -> None:
    """USAGE, reason `content-type`, unless the body is said to be `wanted`."""
    given = [value for name, value in scope["headers"] if name.lower() == b"content-type"]
    type_, _, parameters = given[0].decode("latin-1").partition(";") if given else ("", "", "")
    charset = parameters.strip().lower().replace('"', "")
    as_wanted = type_.strip().lower() == wanted and charset in ("", "charset=utf-8")
    if len(given) != 1 or not as_wanted:
        raise refused(f"the content type has to be {wanted}", "content-type")


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """In this context a peer has `seconds` to send what is waited for; USAGE, reason `too-slow`,
    after that."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise refused(f"the request did not come within {seconds} seconds", "too-slow") from None


def refused(message: str, reason: str) -> ContctlError:
    """The answer to a request that no operation sees."""
    return ContctlError(ErrorCode.USAGE, message, details={"reason": reason})


def bad_frame(message: str) -> ContctlError:
    """The answer to a request whose frames are not what they should be."""
    return refused(message, "bad-frame")


def _shows_a_token(scope: Mapping[str, Any]) -> bool:
    return any(name.lower() == b"authorization" for name, _ in scope["headers"])


async def _body(scope: Mapping[str, Any], receive: Receive, most: int) -> bytes:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and int(value) > most:
            raise _too_large(most)
    body = bytearray()
    async for piece in body_pieces(receive):
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> ContctlError:
    return refused(f"a body has at most {most} bytes", "too-large")
