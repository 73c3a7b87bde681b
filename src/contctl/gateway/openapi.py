"""What a gateway offers, as OpenAPI 3.1 describes it."""

from functools import cache
from typing import Any

from contctl import __version__
from contctl.core.errors import ContctlError
from contctl.gateway.operations import OPERATIONS, Kind, Operation
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
    501: "The engine cannot do this.",
    503: "The engine does not answer, or the gateway is busy.",
    507: "The store cannot be used.",
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
        # A caller without a token is nobody, who may do a few things.
        "security": [{"token": []}, {}],
    }
    if operation.kind is Kind.DUPLEX:
        return {"get": {**described, **_duplex(operation)}}
    body = {"required": True, "content": _request(operation)}
    answers = {"200": {"description": "Done.", "content": _answer(operation)}, **_problems()}
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
            "101": {"description": "The WebSocket is open."},
            "400": {"description": "Not the handshake of a WebSocket."},
            "426": _problem("A plain request."),
        },
    }


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
        "responses": {"200": {"description": "Done.", "content": content}},
    }


def _problems() -> Json:
    return {str(status): _problem(text) for status, text in _REFUSALS.items()}


def _problem(text: str) -> Json:
    content = {problems.CONTENT_TYPE: {"schema": schema_of(ContctlError)}}
    return {"description": text, "content": content}


def _binary(text: str) -> Json:
    return {"type": "string", "format": "binary", "description": f"{text} Kinds: {_KINDS}."}
