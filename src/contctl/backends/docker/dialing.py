"""How an engine is connected to, by the scheme of its address."""

from collections.abc import Callable
from functools import partial

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.http import sockets

Dial = Callable[[float], sockets.Connection]
"""Makes a connection within so many seconds; OSError where there is none, ContctlError where the
endpoint's files cannot be used."""


def dialer(endpoint: Endpoint) -> Dial:
    """What connects to `endpoint`; no I/O before it is called."""
    if endpoint.path is not None:
        return partial(sockets.connect, endpoint.path)
    if endpoint.tls is not None:
        from contctl.backends.docker.tls import TlsDialer

        return TlsDialer(endpoint, endpoint.tls)
    from contctl.backends.docker.ssh import SshDialer

    return SshDialer(endpoint)
