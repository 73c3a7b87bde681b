"""Who is at the other end of a request, and the token that it shows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contctl.core.domain.engines import ENGINE_NAMES, is_engine_name
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

UNKNOWN_UID = -1
PEER = "contctl.peer"
"""Where the server's protocol puts the Peer into an ASGI scope."""
LEFT = "contctl.left"
"""Where it puts an asyncio.Event that is set once the connection is gone: a receiver that waits for
room does not hear of it."""
ENGINE_HEADER = b"contctl-engine"
"""Of a request: the name of the engine that it is for."""
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
    """A peer and the access token or CI token that it shows, None without one. engine: the name of
    that one of the gateway's engines which the request is for, None where it names none."""

    token: Secret | None
    uid: int
    address: str
    engine: str | None = None


def peer_of(scope: Mapping[str, Any]) -> Peer:
    """The peer of an ASGI scope."""
    known = scope.get(PEER)
    if isinstance(known, Peer):
        return known
    client = scope.get("client")
    return Peer(UNKNOWN_UID, str(client[0]) if client else "")


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """The caller of an ASGI scope. NOT_AUTHENTICATED for an Authorization that is no bearer's; for
    a Contctl-Engine that is no engine's name USAGE."""
    peer = peer_of(scope)
    headers = scope["headers"]
    return Caller(_bearer(headers), peer.uid, peer.address, _engine(headers))


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


def _engine(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    named = [value for name, value in headers if name.lower() == ENGINE_HEADER]
    if not named:
        return None
    text = named[0].strip().decode("latin-1")
    if len(named) > 1 or not is_engine_name(text):
        raise ContctlError(
            ErrorCode.USAGE,
            "the Contctl-Engine header holds no engine's name",
            hint=ENGINE_NAMES,
        )
    return text
