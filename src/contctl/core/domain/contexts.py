"""Contexts: their names, and the addresses of gateways."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urlsplit

from contctl.core.domain.engines import ENGINE_NAMES, EngineAddress, is_engine_name
from contctl.core.domain.places import DEFAULT, LOCAL, VARIABLES, Gateway
from contctl.core.errors import ContctlError, ErrorCode

DEFAULT_PORT = 8443
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,63}", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.ASCII)
_LONGEST_SOCKET_PATH = 107
"""Bytes that Linux takes (unix(7))."""
_BUILT_IN = {
    DEFAULT: "docker's default engine",
    LOCAL: "this machine's gateway",
    VARIABLES: "the engine that CONTAINER_HOST names",
}
_HINT = "a gateway is unix:///PATH or https://HOST[:PORT]"


class Kind(StrEnum):
    """What a context leads to."""

    GATEWAY = "gateway"
    DOCKER = "docker"
    PODMAN = "podman"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class ListedContext:
    """A context as a list shows it.

    address: of the gateway or the engine, or what is known of it, in words; None where docker's
    entry is damaged, which `problem` then says.  reason: why it is the current one, None where it
    is not.  own: whether contctl keeps it, and not docker.  engine: the one that contctl itself
    knows the address of.  gateway_engine: the name of that one of the gateway's engines which
    commands are for; None for its default.
    """

    name: str
    kind: Kind
    address: str | None
    ca: str | None = None
    reason: str | None = None
    own: bool = False
    problem: str | None = None
    engine: EngineAddress | None = None
    gateway_engine: str | None = None


@dataclass(frozen=True, slots=True)
class DockerContext:
    """One of docker's contexts. address: of its engine, None where the entry is damaged, which
    `problem` then says."""

    name: str
    address: str | None
    problem: str | None = None


def check_context_name(name: str) -> str:
    """`name` itself; ContctlError USAGE where no new context can have it."""
    if _NAME.fullmatch(name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a name for a context: {name!r}",
            hint="names are 1 to 64 of a-z A-Z 0-9 _ . + - and begin with a letter or a digit",
        )
    if name in _BUILT_IN:
        message = f"the context {name} is always there"
        raise ContctlError(ErrorCode.USAGE, message, hint=f"it is {_BUILT_IN[name]}")
    return name


def parse_gateway(url: str, ca: str | None = None, engine: str | None = None) -> Gateway:
    """The gateway at `url`, its port written out; ContctlError USAGE for anything but
    `unix:///PATH` and `https://HOST[:PORT]`, and for what is no engine's name. ca: the path of a
    file of certificates."""
    if engine is not None and not is_engine_name(engine):
        raise ContctlError(ErrorCode.USAGE, f"not an engine's name: {engine!r}", hint=ENGINE_NAMES)
    if not url.isprintable() or not url.isascii() or " " in url:
        raise _wrong(url, "it has characters that no address has")
    if url.startswith("unix://"):
        if ca is not None:
            raise ContctlError(
                ErrorCode.USAGE, "--ca is for https:// gateways; a socket has no TLS"
            )
        return Gateway(f"unix://{_socket_path(url)}", None, engine)
    if not url.lower().startswith("https://"):
        plain = url.lower().startswith("http://")
        raise _wrong(url, "tokens go over TLS or a Unix socket only" if plain else "")
    return Gateway(_https(url), ca, engine)


def _socket_path(url: str) -> str:
    path = url.removeprefix("unix://")
    if not path.startswith("/") or path.endswith("/"):
        raise _wrong(url, "it names no absolute path of a socket")
    if "?" in path or "#" in path:
        raise _wrong(url, "it has a query or a fragment")
    if len(path) > _LONGEST_SOCKET_PATH:
        raise _wrong(url, f"a socket's path has at most {_LONGEST_SOCKET_PATH} bytes")
    return path


def _https(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong(url, "its host or port is none") from None
    if "@" in parts.netloc:
        # What stands before it may be a password, so it is not shown.
        raise ContctlError(ErrorCode.USAGE, "a gateway's address has no user in it", hint=_HINT)
    if "?" in url or "#" in url:
        raise _wrong(url, "it has a query or a fragment")
    if parts.path:
        raise _wrong(url, "it has a path")
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    after = parts.netloc.lower().removeprefix(shown)
    if port == 0 or not _is_host(host) or (after and not re.fullmatch(":[0-9]+", after)):
        raise _wrong(url, "its host or port is none")
    return f"https://{shown}:{port or DEFAULT_PORT}"


def _is_host(host: str) -> bool:
    if ":" not in host:
        return len(host) <= 253 and _HOST.fullmatch(host) is not None
    try:
        IPv6Address(host)
    except AddressValueError:
        return False
    return "%" not in host


def _wrong(url: str, why: str) -> ContctlError:
    message = f"not a gateway's address: {url!r}"
    return ContctlError(ErrorCode.USAGE, f"{message}: {why}" if why else message, hint=_HINT)
