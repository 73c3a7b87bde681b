"""HTTP to an engine, one connection a request.

Paths carry no API version: an engine then answers as its own newest version does. A fixed version
is refused by engines that are older, and by those so new that they have dropped it; negotiating
costs a request; and the fields that are used here are the same in all versions.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from contctl.backends.docker.dialing import dialer
from contctl.backends.docker.endpoint import Deadlines, Endpoint
from contctl.backends.docker.errors import (
    DockerServer,
    Refusal,
    garbage,
    reaching,
    refused,
    understanding,
)
from contctl.backends.docker.late import LateBody
from contctl.backends.http.body import Body
from contctl.backends.http.head import read_head, request_head
from contctl.backends.http.sockets import Connection
from contctl.core.domain.containers import no_such_container

MAX_ANSWER = 64 * 1024 * 1024
MAX_ERROR = 64 * 1024
_UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}

Query = Mapping[str, str | int | None]


class Answer(Body):
    """The body of an answer, and its head."""

    def __init__(self, server: DockerServer, connection: Connection, *, bodiless: bool) -> None:
        """Read the head; EOFError where it is cut, ValueError for what is none. bodiless: it is the
        answer to a HEAD, whose length is that of another (RFC 9110, section 9.3.2)."""
        file = connection.makefile("rb")
        self.head = read_head(file)
        length = 0 if bodiless else self.head.length
        super().__init__(
            server, connection, file, chunked=self.head.chunked and not bodiless, length=length
        )


class Transport:
    """Requests to one engine. Every method raises ContctlError: what `refuse` makes of a refusal,
    UNAVAILABLE where there is no answer in time or none that is one."""

    def __init__(self, endpoint: Endpoint, deadlines: Deadlines) -> None:
        self.endpoint = endpoint
        self.deadlines = deadlines
        self._dial = dialer(endpoint)

    def connect(self) -> Connection:
        """A connection of its own, with the deadline for connecting still running."""
        with reaching(self.endpoint):
            return self._dial(self.deadlines.connect)

    def refusal(self, refuse: Refusal) -> Refusal:
        """`refuse` for the statuses and messages of this engine, where those are not Docker's."""
        return refuse

    def api_version(self) -> str:
        """The newest version of its API that the engine speaks."""
        answer = self.ask("/version")
        with understanding(self.endpoint):
            return str(answer["ApiVersion"])

    def ask(
        self,
        path: str,
        query: Query | None = None,
        *,
        refuse: Refusal = refused,
        within: float | None = None,
    ) -> Any:
        """The JSON answer to a GET. within: seconds, `deadlines.answer` if None."""
        seconds = self.deadlines.answer if within is None else within
        answer = self._send("GET", path, query, None, {}, seconds, refuse)
        return self._parse(answer)

    def header(self, path: str, query: Query, name: str, *, refuse: Refusal) -> str | None:
        """A header of the answer to a HEAD, None where it has none of that name."""
        answer = self._send("HEAD", path, query, None, {}, self.deadlines.answer, refuse)
        answer.close()
        return answer.head.headers.get(name.lower())

    def change(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        *,
        body: object = None,
        refuse: Refusal = refused,
        extra: float | None = 0.0,
    ) -> Any:
        """The JSON answer to a request that changes something, None if it is empty or 304.

        extra: seconds that the change takes by itself, on top of `deadlines.change`; None for a
        change that may take for ever.
        """
        seconds = None if extra is None else self.deadlines.change + extra
        answer = self._send(method, path, query, *_encoded(body), seconds, refuse)
        return self._parse(answer)

    def open(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        refuse: Refusal = refused,
        endless: bool = True,
    ) -> Body:
        """An answer to read piece by piece. endless: it may be silent for any time."""
        answer = self._send(method, path, query, None, headers or {}, self.deadlines.change, refuse)
        self._keep_open(answer, endless)
        return answer

    def open_late(self, path: str, query: Query, *, refuse: Refusal) -> LateBody:
        """A GET whose answer may come at any time, and is waited for by whoever reads it."""
        connection = self.connect()
        try:
            with reaching(self.endpoint):
                connection.sendall(_request("GET", _target(path, query), {}))
                connection.limit(None)
        except BaseException:
            connection.close()
            raise
        return LateBody(connection, lambda: self._accepted(connection, refuse))

    def hijack(
        self, path: str, query: Query | None, body: object, refuse: Refusal = refused
    ) -> Body:
        """A POST after whose answer the connection is a raw stream both ways (Docker Engine API,
        "Attach to a container", Hijacking)."""
        content, headers = _encoded(body)
        answer = self._send(
            "POST", path, query, content, headers | _UPGRADE, self.deadlines.change, refuse
        )
        answer.take_over()
        self._keep_open(answer, endless=True)
        return answer

    def upload(
        self, path: str, query: Query, content: Iterable[bytes], refuse: Refusal = refused
    ) -> None:
        """A PUT of a tar stream of unknown length. What iterating `content` raises passes."""
        silence = self.deadlines.change
        connection = self.connect()
        try:
            headers = {"Content-Type": "application/x-tar", "Transfer-Encoding": "chunked"}
            with reaching(self.endpoint):
                connection.allow_silence(silence)
                connection.sendall(_request("PUT", _target(path, query), headers))
            for piece in content:
                if piece and not self._send_piece(
                    connection, b"%x\r\n%b\r\n" % (len(piece), piece)
                ):
                    break
            else:
                self._send_piece(connection, b"0\r\n\r\n")
            with reaching(self.endpoint):
                connection.limit(silence)
            self._parse(self._accepted(connection, refuse))
        finally:
            connection.close()

    def _send_piece(self, connection: Connection, data: bytes) -> bool:
        """False where the engine takes no more, which it does once it has an answer."""
        with reaching(self.endpoint):
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        content: bytes | None,
        headers: Mapping[str, str],
        seconds: float | None,
        refuse: Refusal,
    ) -> Answer:
        connection = self.connect()
        try:
            with reaching(self.endpoint):
                connection.limit(seconds)
                request = _request(method, _target(path, query), headers, content)
                connection.sendall(request)
            upgrades, bodiless = "Upgrade" in headers, method == "HEAD"
            return self._accepted(connection, refuse, upgrades=upgrades, bodiless=bodiless)
        except BaseException:
            connection.close()
            raise

    def _accepted(
        self,
        connection: Connection,
        refuse: Refusal,
        *,
        upgrades: bool = False,
        bodiless: bool = False,
    ) -> Answer:
        """The answer, once its head is there. What `refuse` makes of a refusal. upgrades: whether
        another protocol was asked for; bodiless: whether no body comes."""
        with reaching(self.endpoint):
            answer = Answer(DockerServer(self.endpoint), connection, bodiless=bodiless)
        status = answer.head.status
        if status >= 400:
            raise self.refusal(refuse)(status, self._error_message(answer))
        if status not in (200, 201, 202, 204, 304) and not (upgrades and status == 101):
            raise garbage(self.endpoint)
        return answer

    def _error_message(self, body: Body) -> str:
        """An error's body is JSON with a `message` (Docker Engine API, Errors)."""
        content = body.read_all(MAX_ERROR)
        try:
            message = json.loads(content)["message"]
        except (ValueError, KeyError, TypeError, RecursionError):
            message = None
        return message if isinstance(message, str) else content.decode("utf-8", "replace")

    def _parse(self, body: Body) -> Any:
        content = body.read_all(MAX_ANSWER)
        with reaching(self.endpoint):
            return json.loads(content) if content.strip() else None

    def _keep_open(self, body: Body, endless: bool) -> None:
        if endless:
            body.connection.limit(None)
        else:
            body.connection.allow_silence(self.deadlines.change)


def container_path(container_id: str, *rest: str) -> str:
    """The path of a container's resource. ContctlError NOT_FOUND for what cannot be an ID, so that
    nothing else is ever addressed by it."""
    if not container_id.isascii() or not container_id.isalnum():
        raise no_such_container(container_id)
    return "/".join(("/containers", container_id, *rest))


def filters(pairs: Iterable[tuple[str, str]]) -> str | None:
    """Docker's filters, a JSON object of lists; None where there are none."""
    lists: dict[str, list[str]] = {}
    for key, value in pairs:
        lists.setdefault(key, []).append(value)
    return json.dumps(lists) if lists else None


def _request(
    method: str, target: str, headers: Mapping[str, str], content: bytes | None = None
) -> bytes:
    """A request with its body. One without any says so where a body could be expected (RFC 9110,
    section 8.6)."""
    framed = dict(headers)
    if content is not None or (method == "POST" and "Transfer-Encoding" not in headers):
        framed["Content-Length"] = str(len(content or b""))
    return request_head(method, target, "docker", framed) + (content or b"")


def _target(path: str, query: Query | None) -> str:
    given = {key: _utf8(str(value)) for key, value in (query or {}).items() if value is not None}
    encoded = urlencode(given, quote_via=quote)
    return f"{path}?{encoded}" if encoded else path


def _utf8(text: str) -> bytes:
    """`text` with the bytes that Python took for none; what never was bytes is nothing's name."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _encoded(body: object) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, {}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}
