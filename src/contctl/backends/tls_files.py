"""A server's certificate and private key."""

import grp
import os
import ssl
import stat
from pathlib import Path

from contctl.backends.files import read_trusted, translated
from contctl.core.domain.gateway_settings import TlsFiles
from contctl.core.errors import ContctlError, ErrorCode

_LARGEST = 1024 * 1024
_OWNED = "the gateway's own user has to be able to read it, best as its owner, with the mode 0400"


def server_context(files: TlsFiles, callers: str | None = None) -> ssl.SSLContext:
    """What a server needs to speak TLS 1.2 or newer. callers: the group of those who may call.

    ContctlError STORE for files that are absent, that others may write, a key that others or
    callers may read, and what is not a certificate and its key.
    """
    read_trusted(files.certificate, _LARGEST)
    _check_key(files.key, callers)
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


def _check_key(path: Path, callers: str | None) -> None:
    """Only its owner may read it; of root's, its group too, which is how a service may be given
    it, unless that is the callers'."""
    try:
        read_trusted(path, _LARGEST)
    except ContctlError as error:
        if isinstance(error.__cause__, PermissionError):
            raise ContctlError(error.code, error.message, hint=_OWNED) from error
        raise
    with translated(path):
        found = os.stat(path)
    of_callers = callers is not None and found.st_gid == _group_id(callers)
    others = 0o077 if of_callers or found.st_uid == os.geteuid() else 0o037
    if stat.S_IMODE(found.st_mode) & others:
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} is refused: other users may read the private key",
            hint=f"run 'chmod go= {path}', and let the gateway's user own it",
        )


def _group_id(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
