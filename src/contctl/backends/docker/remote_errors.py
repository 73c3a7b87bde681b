"""What TLS and ssh say about an engine elsewhere, as contctl's own errors."""

import socket
import ssl
from pathlib import Path

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.ssh import SshError
from contctl.core.errors import ContctlError, ErrorCode

_MAX_LINE = 500
_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED (openssl-verification-options(1))."""
_NO_SUCH_COMMAND = 127
_OF_SSH = 255
_OURS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


def of_remote(endpoint: Endpoint, error: BaseException) -> ContctlError | None:
    """UNAVAILABLE for what was raised on the way to `endpoint`; None for what local ones raise."""
    if isinstance(error, SshError):
        return _of_ssh(endpoint, error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_trusted(endpoint, error)
    if isinstance(error, ssl.SSLError):
        return _of_tls(endpoint, error)
    if isinstance(error, socket.gaierror):
        return _unavailable(
            f"cannot reach the engine at {endpoint.address}: no such host", "check the address"
        )
    return None


def _of_ssh(endpoint: Endpoint, error: SshError) -> ContctlError:
    line = " ".join(error.line[:_MAX_LINE].split()).rstrip(".") or f"ssh ended with {error.code}"
    if error.answered:
        return _unavailable(f"the connection to the engine at {endpoint.address} was cut: {line}")
    hint = None
    if error.code == _OF_SSH:
        host = endpoint.address.removeprefix("ssh://").partition("/")[0]
        hint = (
            f"try 'ssh ssh://{host}': contctl's ssh asks neither for a passphrase nor about a host"
        )
    elif error.code == _NO_SUCH_COMMAND:
        hint = f"'{endpoint.program}' has to be installed there, on the PATH of ssh's commands"
    return _unavailable(f"cannot reach the engine at {endpoint.address}: {line}", hint)


def _not_trusted(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> ContctlError:
    hint = f"{_file(endpoint, 'ca.pem')} has to be the engine's CA, and the address its host's name"
    if error.verify_code == _EXPIRED:
        hint = "renew it on the engine's host"
    return _unavailable(
        f"the certificate of the engine at {endpoint.address} is not trusted:"
        f" {error.verify_message.rstrip('.')}",
        hint,
    )


def _of_tls(endpoint: Endpoint, error: ssl.SSLError) -> ContctlError:
    """An alert is what the other end said (RFC 8446, section 6)."""
    _, alert, said = (error.reason or "").partition("_ALERT_")
    if not alert:
        return _unavailable(
            f"what answers at {endpoint.address} does not speak TLS as a Docker engine does",
            "check that the engine listens there with TLS",
        )
    words = said.lower().replace("_", " ")
    if not any(sign in said for sign in _OURS):
        return _unavailable(f"the engine at {endpoint.address} refuses this TLS: {words}")
    return _unavailable(
        f"the engine at {endpoint.address} refuses this client's certificate: {words}",
        f"{_file(endpoint, 'cert.pem')} has to be of the CA that the engine trusts, and in date",
    )


def _file(endpoint: Endpoint, name: str) -> Path:
    return (endpoint.tls or Path()) / name


def _unavailable(message: str, hint: str | None = None) -> ContctlError:
    return ContctlError(ErrorCode.UNAVAILABLE, message, hint=hint)
