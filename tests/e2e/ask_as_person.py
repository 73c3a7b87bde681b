"""Asks a gateway as a user of the host, past contctl's client.

Standard input, as JSON: the gateway's socket, a token, and requests: each has an operation, and a
body as text, arguments, or frames [[kind, text], ...]; a `duplex` is a WebSocket. Standard output:
[status, answer] for each; a stream's answer is its first item, or its error. A duplex answers
[101, the first frame that tells of its fate].
"""

import http.client
import json
import socket
import sys
from typing import Any

from websockets.sync.client import unix_connect

from contctl.wire.frames import CONTENT_TYPE, FrameReader, Kind, pack

SECONDS = 20


def connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS)
    connection.connect(path)
    return connection


def first_frame(answer: http.client.HTTPResponse) -> Any:
    reader = FrameReader()
    while data := answer.read1(65536):
        for kind, payload in reader.feed(data):
            if kind is Kind.SOURCE:
                continue
            if kind in (Kind.ITEM, Kind.ERROR):
                return json.loads(payload)
            return [kind.name, payload.decode("latin-1")]
    return None


def asked(path: str, token: str, request: dict[str, Any]) -> list[Any]:
    body, kind = request.get("body"), "application/json"
    if "frames" in request:
        kind = CONTENT_TYPE
        frames = [pack(Kind[name], text.encode()) for name, text in request["frames"]]
        data = b"".join(frames)
    else:
        data = (json.dumps(request.get("arguments", {})) if body is None else body).encode()
    connection = http.client.HTTPConnection("gateway", timeout=SECONDS)
    connection.sock = connected(path)
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    if not token:
        del headers["Authorization"]
    connection.request("POST", f"/v1/{request['operation']}", data, headers)
    answer = connection.getresponse()
    if answer.headers["Content-Type"] == CONTENT_TYPE:
        found = first_frame(answer)
    else:
        found = json.loads(answer.read())
    connection.close()
    return [answer.status, found]


def talked(path: str, token: str, request: dict[str, Any]) -> list[Any]:
    with unix_connect(
        path,
        f"ws://gateway/v1/{request['operation']}",
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        close_timeout=1,
    ) as connection:
        connection.send(pack(Kind.ARGUMENTS, json.dumps(request["arguments"]).encode()))
        message = connection.recv(SECONDS)
        assert isinstance(message, bytes)
        ((kind, payload),) = FrameReader().feed(message)
        return [101, json.loads(payload) if kind is Kind.ERROR else kind.name]


given = json.load(sys.stdin)
answers = [
    (talked if request.get("duplex") else asked)(given["socket"], given["token"], request)
    for request in given["requests"]
]
print(json.dumps(answers))
