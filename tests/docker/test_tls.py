"""Engines over TLS that cannot be reached or trusted: one line, the right code, in time."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Deadlines, Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.backends.http.tls import connect
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.streams import EventQuery, ExecSpec, Out
from contctl.core.errors import ContctlError, ErrorCode
from devtools.certificates import CertificateAuthority
from tests.bounded import closing_after
from tests.fakes.broken_engines import Behaviour, answering, saying, silent
from tests.fakes.clock import FakeClock
from tests.gateway_client.servers import Certificate, serving
from tests.real_elsewhere import TlsEngine

SHORT = Deadlines(connect=1, answer=1, change=1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY = HEAD + b"Content-Length: 2\r\n\r\n[]"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
FRAME = b"\x01\0\0\0\0\0\0\x05hello"


@pytest.fixture
def authority() -> CertificateAuthority:
    return CertificateAuthority()


@pytest.fixture
def client(tmp_path: Path, authority: CertificateAuthority) -> Path:
    return authority.issue(tmp_path / "client")


@pytest.fixture
def server(tmp_path: Path, authority: CertificateAuthority) -> Certificate:
    return _certificate(authority.issue(tmp_path / "server", "127.0.0.1"))


def _certificate(folder: Path) -> Certificate:
    return Certificate(folder / "cert.pem", folder / "key.pem")


def _engine(port: int, client: Path, host: str = "127.0.0.1") -> DockerEngine:
    return DockerEngine(Endpoint(f"tcp://{host}:{port}", "a test", client), FakeClock(), SHORT)


def _error(attempt: Callable[[], object], code: ErrorCode = ErrorCode.UNAVAILABLE) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert caught.value.code is code
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


@contextmanager
def _listed(behave: Behaviour, tls: Certificate | None, client: Path) -> Iterator[ContctlError]:
    with serving(behave, tls) as port:
        yield _error(lambda: _engine(port, client).list(ListQuery()))


def test_a_trusted_engine(server: Certificate, client: Path) -> None:
    with serving(saying(EMPTY), server) as port:
        engine = _engine(port, client)
        assert engine.list(ListQuery()) == ()
        assert engine.socket is None
        assert engine.name == f"tcp://127.0.0.1:{port}"


def test_certificates_that_are_not_trusted(
    tmp_path: Path, authority: CertificateAuthority, client: Path
) -> None:
    old = authority.issue(tmp_path / "old", "127.0.0.1", days=-1)
    with _listed(saying(EMPTY), _certificate(old), client) as error:
        assert "certificate has expired" in error.message
        assert error.hint == "renew it on the engine's host"
    others = authority.issue(tmp_path / "others", "engine.example")
    with _listed(saying(EMPTY), _certificate(others), client) as error:
        assert "IP address mismatch" in error.message
    stranger = CertificateAuthority("another").issue(tmp_path / "stranger", "127.0.0.1")
    with _listed(saying(EMPTY), _certificate(stranger), client) as error:
        assert "is not trusted: unable to get local issuer certificate" in error.message
        assert str(client / "ca.pem") in str(error.hint)


def test_servers_that_do_not_answer_well(server: Certificate, client: Path) -> None:

    def greet(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        silent(connection)

    with _listed(greet, None, client) as error:
        assert "does not speak TLS" in error.message
    with _listed(silent, None, client) as error:
        assert "did not answer in time" in error.message
    with _listed(silent, server, client) as error:
        assert "did not answer in time" in error.message
    with _listed(saying(b"SSH-2.0-x\r\n"), server, client) as error:
        assert "does not speak as a Docker engine does" in error.message
    with _listed(saying(b""), server, client) as error:
        assert "was cut" in error.message


def test_nobody_is_there(client: Path) -> None:
    with serving(silent, None) as port:
        pass
    engine = _engine(port, client)
    assert "nobody listens" in _error(lambda: engine.list(ListQuery())).message
    engine = _engine(port, client, "nosuch.invalid")
    assert "no such host" in _error(lambda: engine.list(ListQuery())).message


def test_an_output_that_is_cut_does_not_look_complete(server: Certificate, client: Path) -> None:
    """TLS says where its end is; a connection that is cut has none."""
    created = HEAD + b'Content-Length: 13\r\n\r\n{"Id":"abcd"}'
    with serving(answering(created, UPGRADED + FRAME), server) as port:
        duplex = _engine(port, client).exec("a" * 64, ExecSpec(("true",)))
        with closing_after(duplex):
            assert duplex.read() == Out(b"hello")
            assert "was cut" in _error(duplex.read).message
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    with (
        serving(answering(chunked), server) as port,
        closing_after(_engine(port, client).events(EventQuery())) as events,
    ):
        assert "was cut" in _error(lambda: next(events)).message


def test_closing_one_direction_keeps_what_came_before(server: Certificate, client: Path) -> None:
    """What was sent but not yet read, and what is sent afterwards."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"before ")
        assert connection.recv(100) == b"question"
        assert connection.recv(100) == b""
        connection.sendall(b"after")
        assert isinstance(connection, ssl.SSLSocket)
        connection.unwrap()

    context = ssl.create_default_context(cafile=client / "ca.pem")
    with serving(behave, server) as port:
        connection = connect("127.0.0.1", port, context, 5)
        file = connection.makefile("rb")
        assert file.peek(1)[:1] == b"b"
        connection.sendall(b"question")
        connection.shutdown(socket.SHUT_WR)
        assert file.read() == b"before after"
        with pytest.raises(BrokenPipeError):
            connection.sendall(b"more")
        file.close()
        connection.close()


@pytest.mark.docker
def test_clients_that_an_engine_refuses(tls_engine: TlsEngine, tmp_path: Path) -> None:
    ca = (tls_engine.client / "ca.pem").read_bytes()
    stranger = CertificateAuthority("another").issue(tmp_path / "stranger")
    old = tls_engine.authority.issue(tmp_path / "old", days=-1)
    nobody = tmp_path / "nobody"
    nobody.mkdir()
    for folder in (stranger, old, nobody):
        (folder / "ca.pem").write_bytes(ca)
        engine = DockerEngine(Endpoint(tls_engine.address, "a test", folder), FakeClock(), SHORT)
        error = _error(lambda engine=engine: engine.list(ListQuery()))  # type: ignore[misc]
        assert "refuses this client's certificate" in error.message
        assert str(folder / "cert.pem") in str(error.hint)


def test_files_that_cannot_be_used(client: Path) -> None:
    def refused(why: str) -> None:
        attempt = lambda: _engine(1, client).list(ListQuery())  # noqa: E731
        error = _error(attempt, ErrorCode.STORE)
        assert why in error.message
        assert "PRIVATE" not in error.message

    key, cert, ca = (client / name for name in ("key.pem", "cert.pem", "ca.pem"))
    for mode in (0o640, 0o604):
        key.chmod(mode)
        refused(f"{key} is refused: other users may read the private key")
    key.chmod(0o600)
    cert.chmod(0o666)
    refused(f"{cert} is refused: others may write it")
    cert.chmod(0o644)
    good = ca.read_bytes()
    for content in (b"", b"banana", b"\xff\0"):
        ca.write_bytes(content)
        refused(f"{ca} holds no certificate")
    ca.write_bytes(good)
    cert.write_bytes(good)
    refused("are not a certificate and its key")
    key.unlink()
    refused(f"{key}: No such file or directory")
    cert.unlink()
    ca.unlink()
    refused(f"no TLS files in {client}")
