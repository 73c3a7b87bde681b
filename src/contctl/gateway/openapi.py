"""What a gateway offers, as OpenAPI 3.1 describes it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from contctl import __version__
from contctl.core.domain.engines import ENGINE_NAME
from contctl.core.errors import ContctlError
from contctl.gateway.edge import VERSION_HEADER
from contctl.gateway.operations import OPERATIONS, Kind, Operation
from contctl.gateway.replies import more_headers
from contctl.gateway.schemas import components, schema_of
from contctl.wire import codec, frames, problems

Json = dict[str, Any]

_ABOUT = (
    "The API of a contctl gateway. Every operation is a POST with a JSON object of its arguments;"
    " an unknown field or a duplicate key is refused. Streams are frames: 1 byte of kind, 4 bytes"
    " of length in network order, the payload. A stream is whole only if END, or EXIT, is its last"
    " frame."
)
_KINDS = ", ".join(f"{kind.value} {kind.name}" for kind in frames.Kind)
_REFUSALS = {
    400: "The request is not what the operation takes.",
    401: "The caller shows no token that is good.",
    403: "The caller lacks the permission.",
    404: "It is not there, or not in the caller's scope.",
    408: "The request came too slowly.",
    409: "It is in the wrong state, or there already.",
    413: "The body is too large.",
    415: "The content type is another.",
    422: "It failed.",
    429: "Too many requests of this peer or account.",
    431: "The head of the request is too large.",
    500: "contctl has a bug.",
    501: "The engine cannot do this.",
    503: "The engine does not answer, or the gateway is busy.",
    507: "The store cannot be used.",
}
_ANYWHERE = (400, 408, 429, 431, 500, 503)
"""What is answered before it is known what a request asks for."""
_FOR_ANYBODY = frozenset(
    {
        "session/check_uninitialised",
        "session/initialise",
        "session/login",
        "session/refresh",
        "session/logout",
        "ci_tokens/current",
        "password_rules/min_length",
        "password_rules/check",
    }
)
"""Operations that take no token, or another one than the caller's."""
_ON_ENGINES = ("containers", "rights")
"""The parts of the API that are about one of the gateway's engines."""
_ENGINE = {
    "name": "Contctl-Engine",
    "in": "header",
    "description": "The engine that the request is for, by the name that grants speak of. Needed"
    " where the gateway has several and no default for the caller.",
    "schema": {"type": "string", "pattern": f"^{ENGINE_NAME}$"},
}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token, or a CI token.",
}


@cache
def description() -> Json:
    """The OpenAPI document; not to be changed."""
    types = [part for operation in OPERATIONS for part in (operation.request, operation.answer)]
    paths = {operation.path: _path(operation) for operation in OPERATIONS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "contctl gateway", "version": __version__, "description": _ABOUT},
        "paths": {"/v1/info": {"get": _info()}, **paths},
        "components": {
            "schemas": components([ContctlError, *types]),
            "securitySchemes": {"token": _BEARER},
        },
    }


def _path(operation: Operation) -> Json:
    text = operation.description
    described = {
        "operationId": operation.name.replace("/", "."),
        "tags": [operation.part],
        "summary": text.partition("\n")[0],
        "description": text,
        "security": [{"token": []}, {}] if operation.name in _FOR_ANYBODY else [{"token": []}],
    }
    if operation.part in _ON_ENGINES:
        described["parameters"] = [_ENGINE]
    if operation.kind is Kind.DUPLEX:
        return {"get": {**described, **_duplex(operation)}}
    body = {"required": True, "content": _request(operation)}
    answers = {"200": _done(_answer(operation)), **_problems(_REFUSALS)}
    return {"post": {**described, "requestBody": body, "responses": answers}}


def _request(operation: Operation) -> Json:
    arguments = schema_of(operation.request)
    if operation.kind is Kind.UPLOAD:
        text = "ARGUMENTS with the JSON of `x-arguments`, then IN with a tar stream, then END."
        return {frames.CONTENT_TYPE: {"schema": _binary(text), "x-arguments": arguments}}
    return {codec.CONTENT_TYPE: {"schema": arguments}}


def _answer(operation: Operation) -> Json:
    if operation.kind is Kind.STREAM:
        text = "Items as ITEM, or as SOURCE, OUT and ERR where they are bytes; then END or ERROR."
        item = schema_of(operation.answer)
        return {frames.CONTENT_TYPE: {"schema": _binary(text), "x-item": item}}
    return {codec.CONTENT_TYPE: {"schema": schema_of(operation.answer)}}


def _duplex(operation: Operation) -> Json:
    return {
        "description": f"{operation.description}\n\nA WebSocket of binary messages. The caller"
        " sends ARGUMENTS with the JSON of `x-arguments`, then IN, CLOSE_WRITE and RESIZE with"
        " [columns, rows]. It is sent ITEM with null once the process has begun, OUT and ERR, and"
        " EXIT or ERROR as the last.",
        "x-arguments": schema_of(operation.request),
        "responses": {
            "101": {"description": "The WebSocket is open; refusals are its ERROR."},
            **_problems(_ANYWHERE),
            "400": _no_handshake(),
            "426": _problem(426, "A plain request."),
        },
    }


def _no_handshake() -> Json:
    """Told by who knows HTTP, or by who knows WebSockets."""
    problem = _problem(400, "Neither a plain request nor the handshake of a WebSocket.")
    for header in problem["headers"].values():
        header["required"] = False
    problem["content"]["text/plain"] = {"schema": {"type": "string"}}
    return problem


def _info() -> Json:
    schema = {
        "type": "object",
        "properties": {"version": {"type": "string"}, "api": {"type": "integer"}},
        "required": ["version", "api"],
    }
    content = {codec.CONTENT_TYPE: {"schema": schema}}
    return {
        "operationId": "info",
        "summary": "The versions of contctl and of this API.",
        "security": [],
        "responses": {"200": _done(content), **_problems(_ANYWHERE)},
    }


def _done(content: Json) -> Json:
    return {"description": "Done.", "headers": _headers(200), "content": content}


def _problems(statuses: Iterable[int]) -> Json:
    return {str(status): _problem(status, _REFUSALS[status]) for status in statuses}


def _problem(status: int, text: str) -> Json:
    content = {problems.CONTENT_TYPE: {"schema": schema_of(ContctlError)}}
    return {"description": text, "headers": _headers(status), "content": content}


def _headers(status: int) -> Json:
    """Of an answer; the other ones of HTTP itself may be there too."""
    names = (VERSION_HEADER, *(name.decode("ascii").title() for name, _ in more_headers(status)))
    return {name: {"required": True, "schema": {"type": "string"}} for name in names}


def _binary(text: str) -> Json:
    return {"type": "string", "format": "binary", "description": f"{text} Kinds: {_KINDS}."}
