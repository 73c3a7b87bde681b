"""Addresses of engines, as people write them and as they are shown."""

import re
from ipaddress import AddressValueError, IPv6Address

from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.errors import ContctlError, ErrorCode

DOCKER_SOCKET = "unix:///var/run/docker.sock"
_TLS_PORT = 2376
"""Docker's own for TLS (docker/cli, `opts/hosts.go`, DefaultTLSHost)."""

_LONGEST_SOCKET_PATH = 107
"""Bytes that Linux takes (unix(7))."""

_NAME = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?"
_HOST = rf"(?P<host>{_NAME}|\[[0-9a-fA-F:.]{{2,45}}\])"
_PORT = r"(:(?P<port>[0-9]{1,5}))?"
_SSH = re.compile(
    rf"ssh://((?P<user>[A-Za-z0-9_.][A-Za-z0-9_.-]{{0,63}})@)?{_HOST}{_PORT}"
    r"(?P<path>/[A-Za-z0-9/_.@:+~=-]*)?"
)
_TCP = re.compile(rf"tcp://{_HOST}{_PORT}/?")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A label of RFC 1123, as Kubernetes asks of a namespace."""

_PASSWORD = re.compile(r"(://[^/@:]*):[^/@]*@")
_FORMS = {
    EngineKind.DOCKER: "unix:///PATH, ssh://[USER@]HOST[:PORT][/PATH], or tcp://HOST[:PORT] with"
    " --tls FOLDER",
    EngineKind.PODMAN: "unix:///PATH or ssh://[USER@]HOST[:PORT][/PATH]; unix:// alone is where"
    " Podman listens by itself",
}


def check_engine(address: EngineAddress) -> EngineAddress:
    """`address` in the one way to write it; ContctlError USAGE for what is none.

    Docker: `unix://`, `ssh://`, and `tcp://` with the folder of its TLS keys, never without.
    Podman: `unix://` and `ssh://`. `unix://` alone, or no host, is docker's own socket, and leaves
    Podman's to be found.
    """
    if address.kind is EngineKind.KUBERNETES:
        return _cluster(address)
    host = "unix://" if address.host is None else address.host
    if not host.isprintable() or not host.isascii() or " " in host:
        raise _wrong(address, "it has characters that no address has")
    if host.startswith("tcp://") and address.kind is EngineKind.DOCKER:
        return address._replace(host=_tcp(address, host))
    if address.tls is not None:
        raise _wrong(address, "only tcp:// has TLS keys")
    if host.startswith("unix://"):
        return address._replace(host=_socket(address, host))
    if host.startswith("ssh://"):
        return address._replace(host=_ssh(address, host))
    raise _wrong(address, "")


def shown_address(address: EngineAddress) -> str:
    """The address for people, without a password; of a cluster, in words, which one its kubeconfig
    is asked for."""
    if address.kind is not EngineKind.KUBERNETES:
        return without_password(address.host or "unix://")
    context = f"context {address.kube_context}" if address.kube_context else "current context"
    return f"{context}, namespace {address.namespace}" if address.namespace else context


def without_password(host: str) -> str:
    """`host` with a password in it, which no tool would use, struck out."""
    return _PASSWORD.sub(r"\1:***@", host)


def _socket(address: EngineAddress, host: str) -> str | None:
    path = host.removeprefix("unix://")
    if not path:
        return DOCKER_SOCKET if address.kind is EngineKind.DOCKER else None
    if not path.startswith("/") or path.endswith("/"):
        raise _wrong(address, "it names no absolute path of a socket")
    if len(path) > _LONGEST_SOCKET_PATH:
        raise _wrong(address, f"a socket's path has at most {_LONGEST_SOCKET_PATH} bytes")
    return host


def _ssh(address: EngineAddress, host: str) -> str:
    found = _SSH.fullmatch(host)
    if found is None:
        if without_password(host) != host:
            raise _wrong(address, "ssh is given no password in an address")
        raise _wrong(address, "its user, host, port or path is none")
    _check_host(address, found)
    return host.removesuffix("/") if found["path"] == "/" else host


def _tcp(address: EngineAddress, host: str) -> str:
    if address.tls is None:
        raise _wrong(address, "without --tls FOLDER anybody on the way could read and change it")
    if not address.tls.startswith("/"):
        raise _wrong(address, "the folder of its TLS keys is no absolute path")
    found = _TCP.fullmatch(host)
    if found is None:
        raise _wrong(address, "its host or port is none")
    _check_host(address, found)
    return f"tcp://{found['host']}:{found['port'] or _TLS_PORT}"


def _check_host(address: EngineAddress, found: re.Match[str]) -> None:
    host, port = found["host"], found["port"]
    if port is not None and not 0 < int(port) < 65536:
        raise _wrong(address, "its port is none")
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            raise _wrong(address, "its host is none") from None


def _cluster(address: EngineAddress) -> EngineAddress:
    context, namespace = address.kube_context, address.namespace
    if context is not None and not (0 < len(context) <= 253 and context.isprintable()):
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a name of a context in a kubeconfig: {context!r}",
            hint="'kubectl config get-contexts -o name' lists them",
        )
    if namespace is not None and _NAMESPACE.fullmatch(namespace) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a name of a namespace: {namespace!r}",
            hint="a namespace is 1 to 63 of a-z 0-9 - and begins and ends with a letter or a digit",
        )
    return address


def _wrong(address: EngineAddress, why: str) -> ContctlError:
    name = "Docker" if address.kind is EngineKind.DOCKER else "Podman"
    message = f"not an address of a {name} engine: {without_password(address.host or '')!r}"
    forms = _FORMS[address.kind]
    return ContctlError(
        ErrorCode.USAGE, f"{message}: {why}" if why else message, hint=f"it is {forms}"
    )
