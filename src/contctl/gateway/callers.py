"""Who is at the other end of a request, and the token that it shows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

UNKNOWN_UID = -1
PEER = "contctl.peer"
"""Where the server's protocol puts the Peer into an ASGI scope."""
LEFT = "contctl.left"
"""Where it puts an asyncio.Event that is set once the connection is gone: a receiver that waits for
room does not hear of it."""
# RFC 6750, section 2.1; a scheme's name has no case (RFC 9110, section 11.1).
_BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Peer:
    """A process that is connected. uid: its user on a Unix socket, else UNKNOWN_UID.

    address: where it is, for records and limits.
    """

    uid: int
    address: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A peer and the access token or CI token that it shows, None without one."""

    token: Secret | None
    uid: int
    address: str


def peer_of(scope: Mapping[str, Any]) -> Peer:
    """The peer of an ASGI scope."""
    known = scope.get(PEER)
    if isinstance(known, Peer):
        return known
    client = scope.get("client")
    return Peer(UNKNOWN_UID, str(client[0]) if client else "")


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """The caller of an ASGI scope; NOT_AUTHENTICATED for an Authorization that is no bearer's."""
    peer = peer_of(scope)
    return Caller(_bearer(scope["headers"]), peer.uid, peer.address)


def _bearer(headers: Iterable[tuple[bytes, bytes]]) -> Secret | None:
    shown = [value for name, value in headers if name.lower() == b"authorization"]
    if not shown:
        return None
    match = _BEARER.fullmatch(shown[0].strip()) if len(shown) == 1 else None
    if match is None:
        raise ContctlError(
            ErrorCode.NOT_AUTHENTICATED,
            "the Authorization header holds no bearer token",
            hint="it has the form 'Authorization: Bearer TOKEN'",
        )
    return Secret(match[1].decode("ascii"))
