"""A gateway's certificate."""

import socket
import ssl

from contctl.backends.gateway.address import GatewayAddress


def certificate_ends(address: GatewayAddress, seconds: float) -> float:
    """When the certificate that a gateway shows is valid no more, in seconds since the epoch.

    seconds: for each address of the host, and for the TLS handshake. OSError where there is no
    connection, or none that is trusted.
    """
    context = ssl.create_default_context(cafile=address.ca_file)
    with (
        socket.create_connection((address.host, address.port), seconds) as plain,
        context.wrap_socket(plain, server_hostname=address.host) as connection,
    ):
        found = connection.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(found["notAfter"])))
