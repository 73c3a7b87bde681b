"""How schemathesis speaks with a gateway: over its Unix socket."""

import http.client
import io
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from contctl.wire.frames import CONTENT_TYPE
from tests.bounded import SECONDS

BASE = "http://gateway"
CUT = "Cut-By-The-Test"
"""A header of the request whose answer was left before its end."""
_SILENCE = 0.05
"""Seconds without a frame after which a stream is left."""
_MOST = 64 * 1024


def session_on(path: str) -> requests.Session:
    """What sends the requests to a gateway's socket."""
    session = requests.Session()
    session.trust_env = False
    session.mount(BASE, _UnixSocket(path))
    return session


class _UnixSocket(HTTPAdapter):
    """Each request on a connection of its own. Streams without an end are left."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        connection = http.client.HTTPConnection("gateway")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(SECONDS)
        try:
            connection.sock.connect(self._path)
            body = request.body.encode() if isinstance(request.body, str) else request.body
            connection.request(
                str(request.method), request.path_url, body, headers=dict(request.headers)
            )
            connected = connection.sock
            answer = connection.getresponse()
            headers = HTTPHeaderDict(answer.getheaders())
            if answer.headers["Content-Type"] == CONTENT_TYPE:
                content, ended = _frames_of(answer, connected)
                if not ended:
                    request.headers[CUT] = "1"
            else:
                content = answer.read()
        finally:
            connection.close()
        raw = HTTPResponse(io.BytesIO(content), headers, answer.status, 11, preload_content=False)
        return self.build_response(request, raw)


def _frames_of(answer: http.client.HTTPResponse, connected: socket.socket) -> tuple[bytes, bool]:
    """What a stream says until it ends, falls silent or is enough, and whether it has ended."""
    connected.settimeout(_SILENCE)
    content = b""
    while len(content) < _MOST:
        try:
            data = answer.read1(_MOST)
        except TimeoutError:
            return content, False
        if not data:
            return content, True
        content += data
    return content, False
