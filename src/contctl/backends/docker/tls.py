"""Engines over TLS, with the files that docker keeps for one: `ca.pem`, `cert.pem`, `key.pem`."""

import os
import ssl
import stat
from functools import cached_property
from pathlib import Path

from contctl.backends.docker.addresses import TLS_PORT, parse_remote
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.files import read_trusted, translated
from contctl.backends.http import tls
from contctl.core.errors import ContctlError, ErrorCode

_LARGEST = 1024 * 1024


class TlsDialer:
    """Connects to the engine at a `tcp://` endpoint, whose certificate has to be for its host and
    of the CA in `ca.pem`, or of one that this machine trusts where there is no such file."""

    def __init__(self, endpoint: Endpoint, folder: Path) -> None:
        remote = parse_remote(endpoint.address, endpoint.reason)
        self._host, self._port = remote.host, remote.port or TLS_PORT
        self._folder = folder

    def __call__(self, seconds: float) -> tls.TlsConnection:
        """As `http.tls.connect`; ContctlError STORE for files that cannot be used."""
        return tls.connect(self._host, self._port, self._context, seconds)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return client_context(self._folder)


def client_context(folder: Path) -> ssl.SSLContext:
    """For TLS 1.2 or newer, with this client's certificate if there is one in `folder`.

    ContctlError STORE for files that are no certificate and key, that others may write, a key that
    others may read, and a folder without any.
    """
    ca, certificate, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    there = [path.name for path in (ca, certificate, key) if os.path.lexists(path)]
    if not there:
        raise ContctlError(
            ErrorCode.STORE,
            f"no TLS files in {folder}: it has to hold ca.pem, and cert.pem and key.pem",
            hint="DOCKER_CERT_PATH, or the context, names the folder",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca.name in there:
        _trust(context, ca)
    else:
        context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if certificate.name in there or key.name in there:
        read_trusted(certificate, _LARGEST)
        _check_key(key)
        try:
            # A password's prompt would come in the middle of a command.
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except OSError as error:
            raise ContctlError(
                ErrorCode.STORE,
                f"{certificate} and {key} are not a certificate and its key",
                hint="both are PEM files; the key is without a password",
            ) from error
    return context


def _trust(context: ssl.SSLContext, path: Path) -> None:
    content = read_trusted(path, _LARGEST)
    try:
        context.load_verify_locations(cadata=content.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} holds no certificate",
            hint="it has to hold the CA of the engine's certificate in PEM form",
        ) from error


def _check_key(path: Path) -> None:
    """Only its owner may read it."""
    read_trusted(path, _LARGEST)
    with translated(path):
        found = os.stat(path)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} is refused: other users may read the private key",
            hint=f"run 'chmod go= {path}'",
        )
