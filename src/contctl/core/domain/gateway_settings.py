"""What one gateway has decided for itself, and the defaults."""

from dataclasses import dataclass
from pathlib import Path

from contctl.core.domain.engines import EngineAddress
from contctl.core.domain.settings import Settings

DEFAULT_SOCKET = "/run/contctl/contctl.sock"
DEFAULT_GROUP = "contctl"
DEFAULT_DATA = "/var/lib/contctl"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gateway gives to all, and to each. A peer is a user on the Unix socket, an address on
    a network; bursts are what may come at once after a rest.

    requests_per_second, request_burst: of each peer, and of each account.
    logins_per_second, login_burst: of each peer.
    calls: requests that run at once; logins: of them, those that check a password.
    streams, streams_per_account: open at once.
    connections, connections_per_peer: open at once.
    head_bytes, body_bytes: of a request.
    head_seconds: for a request's head to arrive, from the connection or its first byte on.
    body_seconds: for a request's body to arrive.
    idle_seconds: between two requests on one connection.
    write_seconds: for which a peer may leave an ordinary answer unread.
    stop_seconds: for which running streams may go on once the gateway was asked to stop.
    """

    requests_per_second: int = 50
    request_burst: int = 200
    logins_per_second: int = 5
    login_burst: int = 20
    calls: int = 32
    logins: int = 4
    streams: int = 256
    streams_per_account: int = 128
    connections: int = 512
    connections_per_peer: int = 128
    head_bytes: int = 32 * 1024
    body_bytes: int = 1024 * 1024
    head_seconds: int = 10
    body_seconds: int = 10
    idle_seconds: int = 30
    write_seconds: int = 30
    stop_seconds: int = 10


@dataclass(frozen=True, slots=True)
class UnixListening:
    """path: of the socket, absolute. group: whose members may connect."""

    path: Path
    group: str


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files in PEM form: the certificate with its chain, and its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class NamedEngine:
    """name: under which grants know it. default: it is for requests that name no engine."""

    name: str
    address: EngineAddress
    default: bool = False


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """data: the folder of the store and the keys. engines: one at least, with a name each, of which
    one at most is the default. socket, tcp: where to listen, None for not there;
    tcp is an IP address and a port. tls: for every listener on a network, None where none is."""

    data: Path
    engines: tuple[NamedEngine, ...]
    socket: UnixListening | None
    tcp: tuple[str, int] | None
    tls: TlsFiles | None
    settings: Settings
    limits: Limits
