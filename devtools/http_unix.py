"""The little HTTP that setting up a private engine needs; no docker client is involved."""

import http.client
import json
import socket
from typing import Any


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("engine", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def request(
    host: str, method: str, target: str, body: bytes | None = None, seconds: float = 60.0
) -> bytes:
    """The body of the engine's answer.

    host: `unix://` and a path.  target: path and query.  body: JSON where it begins with `{`.
    RuntimeError for a status of 400 and more and for garbage, OSError where there is no engine.
    """
    connection = _UnixConnection(host.removeprefix("unix://"), seconds)
    kind = "application/json" if body is None or body[:1] == b"{" else "application/x-tar"
    try:
        connection.request(method, target, body, {"Content-Type": kind, "X-Registry-Auth": "e30="})
        answer = connection.getresponse()
        content = answer.read()
    except http.client.HTTPException as error:
        raise RuntimeError(f"{method} {target}: {error!r}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {target}: {answer.status} {content.decode(errors='replace')}")
    return content


def request_json(host: str, method: str, target: str, body: Any = None) -> Any:
    """As `request`, with JSON both ways; None for an empty answer."""
    content = request(host, method, target, None if body is None else json.dumps(body).encode())
    return json.loads(content) if content else None
