"""HTTP to a gateway, one connection a request. No request is ever made twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from contctl import __version__
from contctl.backends.gateway.errors import Gateway
from contctl.backends.http.body import Body
from contctl.backends.http.head import Head, read_head, request_head
from contctl.backends.http.sockets import Connection
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire import codec, problems

if TYPE_CHECKING:
    from contctl.backends.gateway.address import GatewayAddress
    from contctl.core.domain.secret import Secret

MAX_ANSWER = 64 * 1024 * 1024
MAX_ERROR = 2 * 1024 * 1024
MAX_TOKEN = 4096

_VERSION = "contctl-version"


class Deadlines(NamedTuple):
    """How long a gateway may take, in seconds.

    connect: to accept a connection.  answer: to answer in full, or to begin a stream.
    silence: the longest wait inside an upload.
    """

    connect: float = 5.0
    answer: float = 120.0
    silence: float = 120.0


class Answer(NamedTuple):
    """An answer whose body is still to be read."""

    head: Head
    body: Body

    @property
    def version(self) -> str | None:
        """The gateway's own version, if it says so."""
        return self.head.headers.get(_VERSION)


class Transport:
    """Requests to one gateway. Every method raises ContctlError: the gateway's own; UNAVAILABLE
    where there is no answer in time or none that is one; UNSUPPORTED where gateway and client are
    too far apart; NOT_AUTHENTICATED for a token that cannot be one.

    engine: the name of that one of its engines which requests are for; None for its default.
    """

    def __init__(
        self,
        address: "GatewayAddress",
        deadlines: Deadlines | None = None,
        engine: str | None = None,
    ) -> None:
        self.address = address
        self.engine = engine
        self.gateway = Gateway(address)
        self.deadlines = deadlines or Deadlines()

    def ask(
        self, operation: str, arguments: Mapping[str, Any], token: "Secret | None", type_: Any
    ) -> Any:
        """Call an operation, `part/method`; its answer, a value of `type_`."""
        # The gateway works on its answer while what understands it is made.
        answer = self._post(operation, arguments, token, lambda: codec.prepare(type_))
        self._check(answer, codec.CONTENT_TYPE)
        content = answer.body.read_all(MAX_ANSWER)
        with self.gateway.understanding(answer.version):
            return codec.decode(type_, codec.loads(content))

    def open(self, operation: str, arguments: Mapping[str, Any], token: "Secret | None") -> Answer:
        """Call an operation that answers with a stream, which may be silent for any time."""
        from contctl.wire import frames

        answer = self._post(operation, arguments, token)
        self._check(answer, frames.CONTENT_TYPE)
        answer.body.connection.limit(None)
        return answer

    def upload(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        token: "Secret | None",
        content: Iterable[bytes],
    ) -> None:
        """Call an operation that takes a stream. What iterating `content` raises passes, and the
        gateway sees an upload that was cut."""
        from contctl.wire import frames

        sent = _upload(codec.dumps(arguments), content)
        headers = {"Transfer-Encoding": "chunked", "Content-Type": frames.CONTENT_TYPE}
        head = self._head("POST", operation, token, headers | {"Connection": "close"})
        connection = self._connect()
        try:
            with self.gateway.reaching():
                connection.allow_silence(self.deadlines.silence)
            whole = self._send(connection, head) and self._send_chunks(connection, sent)
            answer = self._answer(connection)
        except BaseException:
            connection.close()
            raise
        self._check(answer, codec.CONTENT_TYPE)
        document = answer.body.read_all(MAX_ANSWER)
        with self.gateway.understanding(answer.version):
            codec.decode(type(None), codec.loads(document))
        if not whole:
            raise self.gateway.cut()

    def upgrade(self, operation: str, token: "Secret | None", headers: Mapping[str, str]) -> Answer:
        """Ask for another protocol in HTTP's place; an answer with status 101, whose body is the
        raw connection, still under the deadline for answers."""
        head = self._head("GET", operation, token, headers)
        answer = self._exchange(head)
        if answer.head.status != 101:
            raise self._refusal(answer)
        answer.body.take_over()
        return answer

    def _post(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        token: "Secret | None",
        meanwhile: Callable[[], object] | None = None,
    ) -> Answer:
        content = codec.dumps(arguments)
        headers = {
            "Content-Type": codec.CONTENT_TYPE,
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        return self._exchange(self._head("POST", operation, token, headers) + content, meanwhile)

    def _head(
        self, method: str, operation: str, token: "Secret | None", headers: Mapping[str, str]
    ) -> bytes:
        shown = {**headers, "Contctl-Version": __version__}
        if self.engine is not None:
            shown["Contctl-Engine"] = self.engine
        if token is not None:
            shown["Authorization"] = f"Bearer {_token(token)}"
        host = "contctl" if self.address.path else self.address.text.removeprefix("https://")
        return request_head(method, f"/v1/{operation}", host, shown)

    def _connect(self) -> Connection:
        with self.gateway.reaching():
            if self.address.path is not None:
                from contctl.backends.http.sockets import connect

                return connect(self.address.path, self.deadlines.connect)
            from contctl.backends.gateway import tls

            return tls.connect(self.address, self.deadlines.connect)

    def _exchange(self, request: bytes, meanwhile: Callable[[], object] | None = None) -> Answer:
        """meanwhile: what may be done between the request and its answer."""
        connection = self._connect()
        try:
            with self.gateway.reaching():
                connection.limit(self.deadlines.answer)
            self._send(connection, request)
            if meanwhile is not None:
                meanwhile()
            return self._answer(connection)
        except BaseException:
            connection.close()
            raise

    def _send(self, connection: Connection, data: bytes) -> bool:
        """False where the gateway takes no more: it may have an answer already."""
        with self.gateway.reaching():
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                return False
            except TimeoutError:
                if not connection.has_answer():
                    raise
                return False
        return True

    def _send_chunks(self, connection: Connection, pieces: Iterable[bytes]) -> bool:
        """Send a body; False where the gateway has an answer before its end."""
        for piece in pieces:
            with self.gateway.reaching():
                answered = connection.has_answer()
            if answered or not self._send(connection, b"%x\r\n%b\r\n" % (len(piece), piece)):
                return False
        return self._send(connection, b"0\r\n\r\n")

    def _answer(self, connection: Connection) -> Answer:
        with self.gateway.reaching():
            connection.limit(self.deadlines.answer)
            file = connection.makefile("rb")
            head = read_head(file)
            chunked, length = head.chunked, head.length
        return Answer(head, Body(self.gateway, connection, file, chunked=chunked, length=length))

    def _check(self, answer: Answer, content_type: str) -> None:
        """Raise what is no success, or not a gateway's."""
        if answer.head.status != 200:
            raise self._refusal(answer)
        if answer.head.content_type != content_type or answer.version is None:
            answer.body.close()
            raise self.gateway.garbage()

    def _refusal(self, answer: Answer) -> ContctlError:
        """The error that the gateway answered with."""
        if answer.head.status < 400 or answer.head.content_type != problems.CONTENT_TYPE:
            answer.body.close()
            return self.gateway.garbage()
        content = answer.body.read_all(MAX_ERROR)
        with self.gateway.understanding(answer.version):
            error = problems.from_problem(codec.loads(content))
        return self.gateway.of_version(error, answer.version) or error


def _upload(arguments: bytes, content: Iterable[bytes]) -> Iterator[bytes]:
    from contctl.wire import frames

    yield frames.pack(frames.Kind.ARGUMENTS, arguments)
    for piece in content:
        if piece:
            yield frames.pack_split(frames.Kind.IN, piece)
    yield frames.pack(frames.Kind.END)


def _token(token: "Secret") -> str:
    text = token.reveal()
    if not text or len(text) > MAX_TOKEN or not all("!" <= sign <= "~" for sign in text):
        raise ContctlError(
            ErrorCode.NOT_AUTHENTICATED,
            "the token has a form that no token has",
            hint="run 'contctl login', or give the token as it was shown",
        )
    return text
