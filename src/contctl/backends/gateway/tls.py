"""Connections to a gateway over TLS."""

import ssl

from contctl.backends.gateway.address import GatewayAddress
from contctl.backends.http import tls
from contctl.core.errors import ContctlError, ErrorCode


def connect(address: GatewayAddress, seconds: float) -> tls.TlsConnection:
    """A connection to a gateway whose certificate is for its host and from a trusted CA.

    seconds: for each address of the host, and for the TLS handshake. OSError where there is no
    connection; ContctlError UNAVAILABLE for a certificate that is not trusted, or no TLS; STORE for
    a CA file that cannot be used.
    """
    context = _context(address.ca_file)
    try:
        return tls.connect(address.host, address.port, context, seconds)
    except ssl.SSLError as error:
        raise _no_tls(address, error) from error


def _context(ca_file: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ContctlError(
            ErrorCode.STORE,
            f"cannot use the CA file {ca_file}: {why}",
            hint="it has to hold the gateway's CA in PEM form",
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_tls(address: GatewayAddress, error: ssl.SSLError) -> ContctlError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ContctlError(
            ErrorCode.UNAVAILABLE,
            f"the certificate of {address} is not trusted: {error.verify_message.rstrip('.')}",
            hint="check the host's name, and name the gateway's CA where its context is made",
        )
    return ContctlError(
        ErrorCode.UNAVAILABLE,
        f"what answers at {address} does not speak TLS as a contctl gateway does",
        hint="check that the address is a gateway's",
    )
