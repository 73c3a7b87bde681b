"""The gateway as an ASGI application: one route for each operation, and two that need no caller."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from contctl import __version__
from contctl.core.api import Authority
from contctl.gateway.callers import Caller
from contctl.gateway.duplex import DuplexRoute
from contctl.gateway.edge import Edge
from contctl.gateway.limits import Limits
from contctl.gateway.openapi import description
from contctl.gateway.operations import OPERATIONS, Kind, Operation
from contctl.gateway.replies import (
    no_such_operation,
    send_body,
    send_json,
    upgrade_required,
    wrong_method,
)
from contctl.gateway.requests import read_request
from contctl.gateway.running import Running
from contctl.gateway.service import Service
from contctl.gateway.streams import StreamRoute
from contctl.gateway.uploads import UploadRoute
from contctl.wire.codec import dumps

API_VERSION = 1


class Gateway(FastAPI):
    """An ASGI application. running: its open streams, for whoever stops it to end."""

    running: Running

    def openapi(self) -> dict[str, Any]:
        """What it offers, as OpenAPI 3.1 says it."""
        return description()


def build(authority: Callable[[Caller], Authority], limits: Limits) -> Gateway:
    """The application that offers each caller what `authority` makes for it, within `limits`.

    `authority` is called for every request, on the thread that then uses what it makes.
    """
    service = Service(authority, limits)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = Gateway(
        title="contctl gateway",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.running = service.running
    app.add_middleware(Edge, admit=service.admit)
    app.add_exception_handler(HTTPException, _refuse)
    app.router.default = _no_such_operation
    app.router.routes.append(Route("/v1/info", _Info(), methods=["GET"]))
    app.router.routes.append(Route("/v1/openapi.json", _Description(), methods=["GET"]))
    for operation in OPERATIONS:
        app.router.routes.extend(_routes(operation, service))
    return app


class AnswerRoute:
    """An ASGI application: one operation that answers."""

    def __init__(self, operation: Operation, service: Service) -> None:
        self.name = operation.name
        self._operation = operation
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = self._service.caller(scope, self._operation)
        request = await read_request(self._operation, scope, receive, self._service.limits)
        await send_json(send, await self._service.answer(self._operation, caller, request))


class _Info:
    name = "info"

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send_json(send, {"version": __version__, "api": API_VERSION})


class _Description:
    name = "openapi"

    def __init__(self) -> None:
        self._body: bytes | None = None

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        if self._body is None:
            self._body = dumps(description())
        await send_body(send, self._body)


class _PlainRequest:
    """Where a WebSocket is spoken."""

    def __init__(self, operation: Operation) -> None:
        self.name = operation.name

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise upgrade_required()


_POSTED: dict[Kind, Callable[[Operation, Service], ASGIApp]] = {
    Kind.ANSWER: AnswerRoute,
    Kind.STREAM: StreamRoute,
    Kind.UPLOAD: UploadRoute,
}


def _routes(operation: Operation, service: Service) -> list[BaseRoute]:
    if operation.kind is Kind.DUPLEX:
        return [
            WebSocketRoute(operation.path, DuplexRoute(operation, service)),
            Route(operation.path, _PlainRequest(operation), methods=["GET"]),
        ]
    return [Route(operation.path, _POSTED[operation.kind](operation, service), methods=["POST"])]


async def _refuse(_request: Request, error: Exception) -> Any:
    headers = getattr(error, "headers", None) or {}
    raise wrong_method(", ".join(sorted(headers.get("Allow", "").split(", "))))


async def _no_such_operation(scope: Scope, receive: Receive, _send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
    raise no_such_operation()
