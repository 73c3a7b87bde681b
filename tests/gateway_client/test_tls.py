"""Gateways over TLS, with real certificates on loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.tls import connect
from contctl.core.domain.roles import Permission
from contctl.core.domain.streams import Chunk, LogOptions, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire import frames
from tests.bounded import eventually, woken_by_close
from tests.fakes.broken_engines import saying, silent
from tests.gateway_client.answers import (
    SHORT,
    answer,
    authority,
    chunk,
    items,
    problem,
    stream_head,
)
from tests.gateway_client.servers import Certificate, certificate, serving
from tests.gateway_client.test_uploads import REFUSED, Receiver

MIB = 1024 * 1024


@pytest.fixture
def local(tmp_path: Path) -> Certificate:
    return certificate(tmp_path, "127.0.0.1", "localhost")


def _can(port: int, ca: Path | None, host: str = "127.0.0.1") -> bool:
    gateway = authority(f"https://{host}:{port}", ca_file=str(ca) if ca else None)
    return gateway.rights.can(Permission.STOP, None, None)


def _error(attempt: Callable[[], object]) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_trusted_gateway(local: Certificate, host: str) -> None:
    with serving(saying(answer(True)), local) as port:
        assert _can(port, local.cert, host) is True


def test_an_unknown_ca(local: Certificate) -> None:
    with serving(saying(answer(True)), local) as port:
        error = _error(lambda: _can(port, None))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "is not trusted: self-signed certificate" in error.message
    assert f"https://127.0.0.1:{port}" in error.message


def test_another_hosts_certificate(tmp_path: Path) -> None:
    other = certificate(tmp_path, "gateway.example")
    with serving(saying(answer(True)), other) as port:
        error = _error(lambda: _can(port, other.cert))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "IP address mismatch" in error.message


def test_an_expired_certificate(tmp_path: Path) -> None:
    old = certificate(tmp_path, "127.0.0.1", days=-1)
    with serving(saying(answer(True)), old) as port:
        assert "expired" in _error(lambda: _can(port, old.cert)).message


def test_a_server_without_tls(local: Certificate) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        silent(connection)

    with serving(behave, None) as port:
        error = _error(lambda: _can(port, local.cert))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "does not speak TLS" in error.message


def test_a_handshake_that_hangs(local: Certificate) -> None:
    with serving(silent, None) as port:
        error = _error(lambda: _can(port, local.cert))
    assert "did not answer in time" in error.message


def test_an_answer_that_hangs(local: Certificate) -> None:
    with serving(silent, local) as port:
        error = _error(lambda: _can(port, local.cert))
    assert "did not answer in time" in error.message


def test_nobody_listens(local: Certificate) -> None:
    with serving(silent, None) as port:
        pass
    assert "nobody listens" in _error(lambda: _can(port, local.cert)).message


def test_no_such_host() -> None:
    error = _error(lambda: _can(8443, None, "nosuch.invalid"))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "no such host" in error.message


@pytest.mark.parametrize("content", [None, b"", b"banana"])
def test_a_ca_file_that_cannot_be_used(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    error = _error(lambda: _can(8443, path))
    assert error.code is ErrorCode.STORE
    assert str(path) in error.message


def test_a_long_stream(local: Certificate) -> None:
    pieces = [bytes([number]) * MIB for number in range(8)]
    body = stream_head() + chunk(items(*pieces)) + b"0\r\n\r\n"
    with serving(saying(body), local) as port:
        gateway = authority(f"https://127.0.0.1:{port}", ca_file=str(local.cert))
        assert b"".join(gateway.containers.get_archive("web", "/x")) == b"".join(pieces)


def test_closing_wakes_a_silent_stream(local: Certificate) -> None:
    said = Chunk("a", Out(b"one"))

    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(stream_head() + chunk(frames.ItemWriter().frames(said)))
        silent(connection)

    with serving(behave, local) as port:
        gateway = authority(f"https://127.0.0.1:{port}", ca_file=str(local.cert))
        stream = gateway.containers.logs(["a"], LogOptions(follow=True))
        assert next(stream) == said
        assert woken_by_close(stream, lambda: list(stream)) == []


@pytest.mark.parametrize("hang", [False, True], ids=["closing", "staying"])
def test_an_upload_that_is_refused_early(local: Certificate, hang: bool) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * MIB

    with serving(Receiver(problem(REFUSED), MIB, hang=hang), local) as port:
        gateway = authority(f"https://127.0.0.1:{port}", ca_file=str(local.cert))
        error = _error(lambda: gateway.containers.put_archive("web", "/x", endless()))
    assert error.code is REFUSED.code


def test_a_whole_upload(local: Certificate) -> None:
    receiver = Receiver(answer(None))
    with serving(receiver, local) as port:
        gateway = authority(f"https://127.0.0.1:{port}", ca_file=str(local.cert))
        gateway.containers.put_archive("web", "/x", iter([b"x" * MIB] * 4))
    sent = b"".join(data for kind, data in receiver.found if kind is frames.Kind.IN)
    assert sent == b"x" * (4 * MIB)


def _echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def test_reading_and_writing_at_once(local: Certificate) -> None:
    """A writer that fills every buffer, and a reader who alone can empty them."""
    data = bytes(range(256)) * 16 * 1024
    with serving(_echo, local) as port:
        address = parse_address(f"https://127.0.0.1:{port}", str(local.cert))
        connection = connect(address, SHORT.connect)
        connection.limit(20)
        writer = threading.Thread(target=connection.sendall, args=(data,), daemon=True)
        writer.start()
        file = connection.makefile("rb")
        assert file.read(len(data)) == data
        writer.join(20)
        assert not writer.is_alive()
        connection.close()


def test_looking_for_an_answer_loses_none_of_it(local: Certificate) -> None:
    release = threading.Event()

    def behave(connection: socket.socket) -> None:
        release.wait(20)
        connection.sendall(b"hello")
        silent(connection)

    with serving(behave, local) as port:
        address = parse_address(f"https://127.0.0.1:{port}", str(local.cert))
        connection = connect(address, SHORT.connect)
        connection.limit(20)
        assert connection.has_answer() is False
        release.set()
        file = connection.makefile("rb")
        eventually(connection.has_answer, "the answer has come")
        assert connection.has_answer() is True
        assert file.read(5) == b"hello"
        connection.close()
