"""Sockets that a gateway opens or is handed: modes, stale and foreign ones, TLS, systemd."""

import datetime
import grp
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contctl.backends.tls_files import server_context
from contctl.core.domain.gateway_settings import TlsFiles, UnixListening
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.limits import Limits
from contctl.gateway.listening import Listener, given_listeners, listen_tcp, listen_unix, notify
from tests.bounded import SECONDS
from tests.gateway.small import ask, request, rest, small_server

OWN_GROUP = grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where to listen."""
    return tmp_path / "contctl.sock"


@pytest.fixture
def tls_files(tmp_path: Path) -> TlsFiles:
    """A certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    files.certificate.chmod(0o644)
    files.key.chmod(0o600)
    return files


def listening(path: Path) -> Listener:
    """A listener at `path` for this user's own group."""
    return listen_unix(UnixListening(path, OWN_GROUP))


def refused(path: Path, group: str = OWN_GROUP) -> ContctlError:
    """Why nothing can listen there."""
    with pytest.raises(ContctlError) as caught:
        listen_unix(UnixListening(path, group))
    assert caught.value.message.isprintable()
    return caught.value


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_the_mode_whatever_the_umask(path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        listener = listening(path)
        unchanged = os.umask(mask)
    finally:
        os.umask(before)
    found = path.stat()
    assert unchanged == mask
    assert stat.S_IMODE(found.st_mode) == 0o660
    assert (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
    assert stat.S_IMODE(path.with_name("contctl.sock.lock").stat().st_mode) & 0o077 == 0
    listener.close()
    assert not path.exists()


def test_only_one_gateway_at_a_time(path: Path) -> None:
    listener = listening(path)
    error = refused(path)
    assert error.code is ErrorCode.CONFLICT
    assert error.message == f"another gateway serves on {path}"
    assert path.exists()
    listener.close()
    listening(path).close()


def test_fifty_at_once_and_one_listens(path: Path) -> None:
    won: list[Listener] = []
    barrier = threading.Barrier(50)

    def contend() -> None:
        barrier.wait(SECONDS)
        with suppress(ContctlError):
            won.append(listening(path))

    threads = [threading.Thread(target=contend) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert len(won) == 1
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
    won[0].close()


def test_what_a_killed_gateway_left_is_replaced(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path;"
        "from tests.gateway.test_listening import listening;"
        "listening(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], timeout=SECONDS, check=False)
    assert done.returncode == -9
    assert path.exists()
    path.with_name(".contctl.sock").touch()
    listener = listening(path)
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
    listener.close()


def test_a_socket_that_answers_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        error = refused(path)
        assert error.message == f"another process answers on {path}"
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))


def test_what_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("precious")
    assert "it is not a socket" in refused(path).message
    assert path.read_text() == "precious"


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    assert "it is not a socket" in refused(path).message
    path.unlink()
    path.with_name("contctl.sock.lock").unlink()
    path.with_name("contctl.sock.lock").symlink_to(tmp_path / "elsewhere")
    assert "cannot lock" in refused(path).message
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_socket_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        os.chown(path, 4321, -1)
    assert "belongs to uid 4321" in refused(path).message
    assert path.exists()


def test_no_folder_no_group_no_room(tmp_path: Path, path: Path) -> None:
    assert refused(tmp_path / "no" / "s").message == f"there is no folder {tmp_path / 'no'}"
    error = refused(path, "no-such-group")
    assert error.message == "there is no group 'no-such-group' on this machine"
    assert error.hint is not None
    assert "too long" in refused(tmp_path / ("x" * 108)).message


def test_closing_leaves_anothers_socket(path: Path) -> None:
    listener = listening(path)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        listener.close()
        assert path.exists()


def test_tls_and_the_peer_is_an_address(tls_files: TlsFiles) -> None:
    listener = listen_tcp(("127.0.0.1", 0), server_context(tls_files))
    assert listener.address.startswith("https://127.0.0.1:")
    with small_server(Limits(), listener) as small, small.connect() as plain:
        context = ssl.create_default_context(cafile=str(tls_files.certificate))
        context.check_hostname = False
        with context.wrap_socket(plain) as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")
            assert ask(connection, "/peer") == (200, b'[-1, "127.0.0.1"]')


def test_old_tls_and_no_tls_are_refused(tls_files: TlsFiles) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    listener = listen_tcp(("127.0.0.1", 0), server_context(tls_files))
    with small_server(Limits(), listener) as small:
        with small.connect() as plain, pytest.raises(ssl.SSLError):
            context.wrap_socket(plain)
        with small.connect() as plain:
            plain.sendall(request("/echo", b"secret"))
            assert b"HTTP" not in rest(plain)


def test_a_handshake_that_never_ends(tls_files: TlsFiles) -> None:
    limits = Limits(head_seconds=1, connections_per_peer=2)
    listener = listen_tcp(("127.0.0.1", 0), server_context(tls_files))
    with small_server(limits, listener) as small:
        with small.connect() as one, small.connect() as two, small.connect() as three:
            assert rest(three) == b""
            assert rest(one) == b""
            assert rest(two) == b""
        context = ssl.create_default_context(cafile=str(tls_files.certificate))
        context.check_hostname = False
        with small.connect() as plain, context.wrap_socket(plain) as connection:
            assert ask(connection, "/echo", b"1") == (200, b"1")


def no_context(files: TlsFiles) -> ContctlError:
    """Why the files are refused."""
    with pytest.raises(ContctlError) as caught:
        server_context(files)
    assert caught.value.code is ErrorCode.STORE
    return caught.value


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_may_read(tls_files: TlsFiles, mode: int) -> None:
    tls_files.key.chmod(mode)
    message = no_context(tls_files).message
    assert str(tls_files.key) in message


def test_files_that_are_no_certificate_and_key(tls_files: TlsFiles, tmp_path: Path) -> None:
    tls_files.certificate.chmod(0o600)
    swapped = TlsFiles(tls_files.key, tls_files.certificate)
    assert "are not a certificate and its key" in no_context(swapped).message
    absent = TlsFiles(tmp_path / "none.pem", tls_files.key)
    assert str(absent.certificate) in no_context(absent).message
    tls_files.certificate.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    assert "are not a certificate and its key" in no_context(tls_files).message


def test_an_address_in_use(tls_files: TlsFiles) -> None:
    tls = server_context(tls_files)
    first = listen_tcp(("127.0.0.1", 0), tls)
    where = first.socket.getsockname()
    with pytest.raises(ContctlError, match="Address already in use") as caught:
        listen_tcp(where, tls)
    assert f"127.0.0.1:{where[1]}" in caught.value.message
    first.close()


GIVEN = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
from contctl.core.errors import ContctlError
from contctl.gateway.listening import given_listeners
try:
    found = given_listeners(os.environ, None)
    print([one.address for one in found], [one.socket.get_inheritable() for one in found])
    print([name for name in os.environ if name.startswith("LISTEN_")])
except ContctlError as error:
    print(error.message)
"""


def given(*sockets: socket.socket) -> str:
    """What a process makes of sockets that it is handed as systemd hands them."""
    moved = " ".join(f"{3 + index}<&{one.fileno()}" for index, one in enumerate(sockets))
    done = subprocess.run(
        ["bash", "-c", f'exec {moved}; exec "$0" -c "$1"', sys.executable, GIVEN],
        pass_fds=[one.fileno() for one in sockets],
        env={**os.environ, "LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": "a"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout


def test_a_socket_from_systemd(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        one.listen()
        assert given(one).splitlines() == [f"['unix://{path}'] [False]", "[]"]


def test_sockets_from_systemd_that_cannot_be_served(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf, socket.socket() as tcp:
        deaf.bind(str(path))
        assert "not a socket that streams and listens" in given(deaf)
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        assert "there is no certificate for it" in given(tcp)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "-1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"},
    ],
)
def test_what_systemd_has_not_said(environ: dict[str, str]) -> None:
    assert given_listeners(environ, None) == []
    assert environ == {}


def test_too_many_from_systemd() -> None:
    with pytest.raises(ContctlError, match="16 are the most"):
        given_listeners({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "17"}, None)


def test_readiness_is_told(tmp_path: Path) -> None:
    for address in (str(tmp_path / "n"), f"@contctl-test-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.settimeout(SECONDS)
            systemd.bind(address.replace("@", "\0"))
            notify("READY=1", {"NOTIFY_SOCKET": address})
            assert systemd.recv(100) == b"READY=1"
            notify("STOPPING=1", {})
            notify("STOPPING=1", {"NOTIFY_SOCKET": "vsock:2:1234"})
            systemd.setblocking(False)
            with pytest.raises(BlockingIOError):
                systemd.recv(100)


def test_nobody_to_tell_is_no_error(tmp_path: Path) -> None:
    notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert not (tmp_path / "nobody").exists()
