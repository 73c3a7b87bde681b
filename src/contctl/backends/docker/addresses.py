"""Addresses of engines elsewhere: `tcp://host:port` and `ssh://[user@]host[:port][/path]`."""

import re
from typing import NamedTuple

from contctl.core.errors import ContctlError, ErrorCode

TLS_PORT = 2376
"""docker's own for TLS (docker/cli, `opts/hosts.go`)."""

_HOST = re.compile(r"[A-Za-z0-9_.:][A-Za-z0-9_.:%-]*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@+\\-]*", re.ASCII)


class Remote(NamedTuple):
    """user, port: None where the address names none. path: with its first slash, or empty."""

    user: str | None
    host: str
    port: int | None
    path: str


def parse_remote(address: str, reason: str) -> Remote:
    """The parts of a `tcp://` or `ssh://` address. reason: why it is this one, for the error.

    ContctlError STORE for what is none, without quoting the address where it holds a password.
    """
    _, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    login, at, place = authority.rpartition("@")
    user, colon, _ = login.partition(":")
    if colon:
        raise ContctlError(
            ErrorCode.STORE,
            f"an engine's address may not hold a password ({reason})",
            hint="ssh takes keys, best from ssh-agent",
        )
    if not address.isprintable() or any(sign in path for sign in "?#"):
        raise _wrong(address, reason)
    host, port = _place(place, address, reason)
    if not _HOST.fullmatch(host) or (at and not _USER.fullmatch(user)):
        raise _wrong(address, reason)
    return Remote(user if at else None, host, port, slash + path)


def _place(place: str, address: str, reason: str) -> tuple[str, int | None]:
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        host, port = place, ""
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _wrong(address, reason)
    if not port:
        return host, None
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        raise _wrong(address, reason)
    return host, int(port)


def _wrong(address: str, reason: str) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"not an engine's address: {address!r} ({reason})",
        hint="such an address looks like tcp://host:2376 or ssh://user@host",
    )
