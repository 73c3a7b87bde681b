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
    """address: `unix://` and the absolute path of a socket.  reason: why it is this one, in a few
    words that can stand in brackets after the address."""

    address: str
    reason: str

    @property
    def path(self) -> str:
        """The path of the socket."""
        return self.address.removeprefix("unix://")


def choose_endpoint(environ: Mapping[str, str], context: str | None) -> Endpoint:
    """The engine that `context`, else the environment, else docker's configuration names.

    context: one of docker's own contexts, by `--context` or `CONTCTL_CONTEXT`; None or empty for
    none. ContctlError NOT_FOUND for an unknown context; STORE for an address or an engine that this
    version cannot drive, and for a damaged configuration.
    """
    if context:
        return _of_context(environ, context, f"the context {context}")
    if environ.get("DOCKER_HOST"):
        return _checked(environ["DOCKER_HOST"], "DOCKER_HOST")
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
        return Endpoint(DEFAULT_ADDRESS, "the default")
    return _of_context(environ, current, f"docker's current context is {current}")


def _of_context(environ: Mapping[str, str], name: str, reason: str) -> Endpoint:
    if name == _DEFAULT_CONTEXT:
        return _checked(environ.get("DOCKER_HOST") or DEFAULT_ADDRESS, reason)
    path = _meta_file(environ, name)
    meta = read_object(path)
    if meta is None:
        raise ContctlError(
            ErrorCode.NOT_FOUND,
            f"no such context: {name}",
            hint="'contctl context ls' shows contctl's own and docker's",
        )
    return _checked(_host_of(meta, path), reason)


def _meta_file(environ: Mapping[str, str], name: str) -> Path:
    """Contexts are stored by the SHA-256 of their names (docker/cli, `cli/context/store`)."""
    import hashlib

    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return config_folder(environ) / "contexts" / "meta" / digest / "meta.json"


def _host_of(meta: dict[str, Any], path: Path) -> str:
    try:
        host = meta["Endpoints"]["docker"]["Host"]
    except (KeyError, TypeError):
        host = None
    if not isinstance(host, str):
        raise _damaged(path, "it names no docker engine")
    return host or DEFAULT_ADDRESS


def _checked(address: str, reason: str) -> Endpoint:
    scheme, separator, path = address.partition("://")
    if not separator:
        raise ContctlError(
            ErrorCode.STORE,
            f"not an engine's address: {address!r} ({reason})",
            hint=f"an address looks like {DEFAULT_ADDRESS}",
        )
    if scheme != "unix":
        raise ContctlError(
            ErrorCode.STORE,
            f"{scheme}:// engines cannot be driven yet, only unix:// sockets ({reason})",
        )
    if not path:
        return Endpoint(DEFAULT_ADDRESS, reason)
    if not path.startswith("/") or "\0" in path:
        raise ContctlError(ErrorCode.STORE, f"not an absolute path: {address!r} ({reason})")
    return Endpoint(address, reason)


def _damaged(path: Path, why: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{path}: {why}")
