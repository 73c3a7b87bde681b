"""Which engine is driven, and why that one. There is no fallback: what was named is used, or fails.

The rules are docker's own (docker/cli, `cli/command/cli.go`, resolveContextName), with contctl's
explicit context in front.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contctl.backends.docker.config import config_folder, read_config, read_object
from contctl.core.errors import ContctlError, ErrorCode

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
DEFAULT_TLS_ADDRESS = "tcp://localhost:2376"
_DEFAULT_CONTEXT = "default"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the engine may take, in seconds.

    connect: to accept a connection.  answer: to answer a question in full.  change: to do what
    changes something; also the longest silence inside a transfer.
    """

    connect: float = 5.0
    answer: float = 20.0
    change: float = 120.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """address: `unix://` and the absolute path of a socket, `tcp://host:port`, or
    `ssh://[user@]host[:port]` and the path of a socket there, if it is not the usual one.

    reason: why it is this one, in a few words that can stand in brackets after the address.  tls:
    the folder of `ca.pem`, `cert.pem` and `key.pem`, for `tcp://`.  program: the engine's own
    command line at the other end of `ssh://`.
    """

    address: str
    reason: str
    tls: Path | None = None
    program: str = "docker"

    @property
    def path(self) -> str | None:
        """The path of the socket; None where it is not on this machine."""
        path = self.address.removeprefix("unix://")
        return path if path != self.address else None


def choose_endpoint(environ: Mapping[str, str], context: str | None) -> Endpoint:
    """The engine that `context`, else the environment, else docker's configuration names.

    context: one of docker's own contexts, by `--context` or `CONTCTL_CONTEXT`; None or empty for
    none. ContctlError NOT_FOUND for an unknown context; STORE for an address or an engine that this
    version cannot drive, and for a damaged configuration.
    """
    if context:
        return _of_context(environ, context, f"the context {context}")
    if environ.get("DOCKER_HOST"):
        return _of_environment(environ, "DOCKER_HOST")
    if environ.get("CONTAINER_HOST"):
        raise ContctlError(
            ErrorCode.STORE,
            "CONTAINER_HOST names a Podman engine, and this version drives Docker engines only",
            hint="unset CONTAINER_HOST, or name a Docker engine with DOCKER_HOST or --context",
        )
    named = environ.get("DOCKER_CONTEXT")
    if named:
        return _of_context(environ, named, f"DOCKER_CONTEXT is {named}")
    current = read_config(environ).get("currentContext") or _DEFAULT_CONTEXT
    if not isinstance(current, str):
        raise _damaged(config_folder(environ) / "config.json", "currentContext is not text")
    if current == _DEFAULT_CONTEXT:
        return _of_environment(environ, "the default")
    return _of_context(environ, current, f"docker's current context is {current}")


def _of_context(environ: Mapping[str, str], name: str, reason: str) -> Endpoint:
    if name == _DEFAULT_CONTEXT:
        return _of_environment(environ, reason)
    path = _meta_file(environ, name)
    meta = read_object(path)
    if meta is None:
        raise ContctlError(
            ErrorCode.NOT_FOUND,
            f"no such context: {name}",
            hint="'contctl context ls' shows contctl's own and docker's",
        )
    if _docker_of(meta).get("SkipTLSVerify"):
        raise ContctlError(
            ErrorCode.STORE,
            f"the docker context {name} does not check the engine's certificate (SkipTLSVerify),"
            " which contctl refuses",
            hint=f"give it the engine's CA: 'docker context update {name} --docker host=…,ca=…'",
        )
    tls = path.parents[2] / "tls" / path.parent.name / "docker"
    return checked_endpoint(_host_of(meta, path), reason, tls if tls.is_dir() else None)


def _of_environment(environ: Mapping[str, str], reason: str) -> Endpoint:
    """As docker/cli has it (`cli/flags/options.go`, `opts/hosts.go`): with DOCKER_TLS_VERIFY there
    is another default."""
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    host = environ.get("DOCKER_HOST") or ""
    if environ.get("DOCKER_TLS") and not verify and not host.startswith(("unix:", "ssh:")):
        raise ContctlError(
            ErrorCode.STORE,
            "DOCKER_TLS does not check the engine's certificate, which contctl refuses",
            hint="set DOCKER_TLS_VERIFY=1 in its place",
        )
    address = host or (DEFAULT_TLS_ADDRESS if verify else DEFAULT_ADDRESS)
    folder = Path(environ.get("DOCKER_CERT_PATH") or config_folder(environ)) if verify else None
    return checked_endpoint(address, reason, folder)


def _meta_file(environ: Mapping[str, str], name: str) -> Path:
    """Contexts are stored by the SHA-256 of their names (docker/cli, `cli/context/store`)."""
    import hashlib

    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return config_folder(environ) / "contexts" / "meta" / digest / "meta.json"


def _docker_of(meta: dict[str, Any]) -> dict[str, Any]:
    try:
        found = meta["Endpoints"]["docker"]
    except (KeyError, TypeError):
        found = None
    return found if isinstance(found, dict) else {}


def _host_of(meta: dict[str, Any], path: Path) -> str:
    host = _docker_of(meta).get("Host")
    if not isinstance(host, str):
        raise _damaged(path, "it names no docker engine")
    return host or DEFAULT_ADDRESS


def checked_endpoint(address: str, reason: str, tls: Path | None = None) -> Endpoint:
    """The endpoint at `address`; ContctlError STORE for what is none, and for one that would be
    spoken to in the clear over a network. Nothing is opened."""
    scheme, separator, path = address.partition("://")
    if not separator:
        raise ContctlError(
            ErrorCode.STORE,
            f"not an engine's address: {address!r} ({reason})",
            hint=f"an address looks like {DEFAULT_ADDRESS}",
        )
    if scheme == "unix":
        return _local(address, path, reason)
    if scheme not in ("tcp", "ssh"):
        raise ContctlError(
            ErrorCode.STORE,
            f"{scheme}:// engines cannot be driven, only unix://, tcp:// with TLS and ssh://"
            f" ({reason})",
        )
    from contctl.backends.docker.addresses import parse_remote

    remote = parse_remote(address, reason)
    if scheme == "ssh":
        return Endpoint(address, reason)
    if remote.user is not None or remote.path not in ("", "/"):
        raise ContctlError(
            ErrorCode.STORE, f"a tcp:// address is a host and a port: {address!r} ({reason})"
        )
    if tls is None:
        raise ContctlError(
            ErrorCode.STORE,
            f"{address} is refused: without TLS, whoever is on the way could use the engine"
            f" ({reason})",
            hint="set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use ssh://",
        )
    return Endpoint(address, reason, tls)


def _local(address: str, path: str, reason: str) -> Endpoint:
    if not path:
        return Endpoint(DEFAULT_ADDRESS, reason)
    if not path.startswith("/") or "\0" in path:
        raise ContctlError(ErrorCode.STORE, f"not an absolute path: {address!r} ({reason})")
    return Endpoint(address, reason)


def _damaged(path: Path, why: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{path}: {why}")
