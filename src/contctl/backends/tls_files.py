"""A server's certificate and private key."""

import os
import ssl
import stat
from pathlib import Path

from contctl.backends.files import read_trusted, translated
from contctl.core.domain.gateway_settings import TlsFiles
from contctl.core.errors import ContctlError, ErrorCode

_LARGEST = 1024 * 1024


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """What a server needs to speak TLS 1.2 or newer. ContctlError STORE for files that are absent,
    that others may write, a key that others may read, and what is not a certificate and its key."""
    read_trusted(files.certificate, _LARGEST)
    _check_key(files.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A password's prompt would be asked of nobody.
        context.load_cert_chain(files.certificate, files.key, password=lambda: b"")
    except (ssl.SSLError, OSError) as error:
        raise ContctlError(
            ErrorCode.STORE,
            f"{files.certificate} and {files.key} are not a certificate and its key",
            hint="both are PEM files; the key is without a password",
        ) from error
    return context


def _check_key(path: Path) -> None:
    """Only its owner may read it; of root's, its group too, which is how a service may be given
    it."""
    read_trusted(path, _LARGEST)
    with translated(path):
        found = os.stat(path)
    others = 0o077 if found.st_uid == os.geteuid() else 0o037
    if stat.S_IMODE(found.st_mode) & others:
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} is refused: other users may read the private key",
            hint=f"run 'chmod go= {path}', and let the gateway's user own it",
        )
