"""Fixtures of a private, real Docker engine that is reached over TLS and over ssh."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from devtools import ssh_server
from devtools.certificates import CertificateAuthority
from devtools.engine import PrivateEngine
from devtools.ports import free_port
from devtools.ssh_server import PrivateSshServer
from tests.real_docker import private_engine
from tests.requirements import unavailable


@dataclass(frozen=True)
class TlsEngine:
    """An engine that listens on `address` with TLS and wants a certificate of `authority`.
    client: the folder of one, and of its key."""

    engine: PrivateEngine
    address: str
    authority: CertificateAuthority
    client: Path

    def backend(self) -> DockerEngine:
        """contctl's own client of it."""
        return DockerEngine(Endpoint(self.address, "a test", self.client), SystemClock())


@pytest.fixture(scope="session")
def tls_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsEngine]:
    """A private engine that many tests share, and leave containers on."""
    folder = tmp_path_factory.mktemp("tls")
    authority = CertificateAuthority()
    server = authority.issue(folder / "server", "127.0.0.1", "localhost")
    client = authority.issue(folder / "client")
    address = f"tcp://127.0.0.1:{free_port()}"
    files = [("cacert", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")]
    options = [f"--tls{name}={server}/{file}" for name, file in files]
    with private_engine(f"--host={address}", "--tlsverify", *options) as engine:
        yield TlsEngine(engine, address, authority, client)


@pytest.fixture(scope="session")
def ssh_server_here() -> Iterator[PrivateSshServer]:
    """A private ssh server."""
    missing = ssh_server.missing()
    if missing:
        unavailable(missing)
    with PrivateSshServer() as server:
        yield server


@pytest.fixture
def ssh_host(ssh_server_here: PrivateSshServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the ssh server, for an `ssh` on the PATH that knows it."""
    path = f"{ssh_server_here.programs}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return ssh_server_here.host
