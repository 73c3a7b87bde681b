"""`gateway.toml`, a gateway's own configuration. An unknown key is an error that names it."""

import itertools
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from contctl.backends.config_file import (
    AUTHORITY_KEYS,
    Keys,
    Reader,
    authority_settings,
    check_keys,
    parse,
)
from contctl.backends.files import read_trusted
from contctl.core.domain.engine_addresses import check_engine
from contctl.core.domain.engines import (
    ENGINE_NAMES,
    EngineAddress,
    EngineKind,
    is_engine_name,
)
from contctl.core.domain.gateway_settings import (
    DEFAULT_DATA,
    DEFAULT_GROUP,
    DEFAULT_SOCKET,
    GatewaySettings,
    Limits,
    NamedEngine,
    TlsFiles,
    UnixListening,
)
from contctl.core.errors import ContctlError, ErrorCode

DEFAULT_PATH = Path("/etc/contctl/gateway.toml")
_DEFAULT_ENGINE = NamedEngine(
    "local", EngineAddress(EngineKind.DOCKER, "unix:///var/run/docker.sock")
)

_TIMES = {
    "head_timeout": "head_seconds",
    "body_timeout": "body_seconds",
    "idle_timeout": "idle_seconds",
    "write_timeout": "write_seconds",
    "stop_grace": "stop_seconds",
}
_COUNTS = (
    *("requests_per_second", "request_burst", "logins_per_second", "login_burst"),
    *("calls", "logins", "streams", "streams_per_account"),
    *("connections", "connections_per_peer"),
)
_LARGEST_COUNT = 100_000
_LONGEST_TIME = 3600
KEYS: Keys = {
    "listen": {"socket", "group", "tcp", "certificate", "key"},
    **AUTHORITY_KEYS,
    "limits": {*_TIMES, *_COUNTS},
}
"""The file's sections but for the engines, and the keys of each; beside them stands `data`."""
_KEYS_OF_KINDS = {
    EngineKind.DOCKER: {"tls"},
    EngineKind.PODMAN: set[str](),
    EngineKind.KUBERNETES: {"kube_context", "namespace"},
}
_ENGINE_KEYS = {"default", *_KEYS_OF_KINDS, *itertools.chain(*_KEYS_OF_KINDS.values())}


def load_gateway_settings(path: Path) -> GatewaySettings:
    """What the file `path` says, with the defaults for the rest.

    ContctlError STORE where it is absent, others may write it, it is not TOML, or says what is
    unknown or cannot be.
    """
    try:
        content = read_trusted(path)
    except ContctlError as error:
        if error.reason != "absent":
            raise
        raise ContctlError(
            ErrorCode.STORE,
            f"there is no gateway configuration at {path}",
            hint="'sudo contctl gateway install --apply' makes one; --config names another",
        ) from None
    document = parse(path, content)
    data, engines = document.pop("data", DEFAULT_DATA), document.pop("engines", None)
    _check_top(path, document)
    reader = Reader(path, document)
    socket, tcp, tls = _listen(reader, document.get("listen", {}))
    return GatewaySettings(
        data=_path(path, "data", data),
        engines=_engines(path, engines),
        socket=socket,
        tcp=tcp,
        tls=tls,
        settings=authority_settings(reader),
        limits=_limits(reader),
    )


def _check_top(path: Path, document: Mapping[str, Any]) -> None:
    for key, value in document.items():
        if key not in KEYS or not isinstance(value, dict):
            sections = ", ".join(f"[{known}]" for known in KEYS)
            raise _wrong(
                path,
                f"unknown key {key!r}",
                f"there are data, [engines.NAME], and the sections {sections}",
            )
    check_keys(path, document, KEYS)


def _engines(path: Path, engines: Any) -> tuple[NamedEngine, ...]:
    if engines is None:
        return (_DEFAULT_ENGINE,)
    if not isinstance(engines, dict) or not engines:
        raise _wrong(path, "[engines.NAME] must be there once at least")
    found = tuple(_engine(path, name, content) for name, content in engines.items())
    if sum(engine.default for engine in found) > 1:
        raise _wrong(
            path, "'default' is true for several engines, and there is one default at most"
        )
    return found


def _engine(path: Path, name: str, content: Any) -> NamedEngine:
    if not is_engine_name(name):
        raise _wrong(path, f"not an engine's name: {name!r}", ENGINE_NAMES)
    if not isinstance(content, dict):
        raise _wrong(path, f"unknown key 'engines.{name}'", "write [engines.NAME]")
    for key in content:
        if key not in _ENGINE_KEYS:
            keys = ", ".join(sorted(_ENGINE_KEYS))
            raise _wrong(path, f"unknown key 'engines.{name}.{key}'", f"there are {keys}")
    kinds = [kind for kind in EngineKind if kind in content]
    if len(kinds) != 1:
        raise _wrong(path, f"[engines.{name}] needs one of docker, podman and kubernetes")
    default = content.get("default", False)
    if not isinstance(default, bool):
        raise _wrong(path, f"'engines.{name}.default' must be true or false")
    return NamedEngine(name, _engine_address(path, name, kinds[0], content), default)


def _engine_address(
    path: Path, name: str, kind: EngineKind, content: Mapping[str, Any]
) -> EngineAddress:
    wrong = set(content) - {kind, "default"} - _KEYS_OF_KINDS[kind]
    for key in sorted(wrong):
        raise _wrong(path, f"'engines.{name}.{key}' is not for an engine of the kind {kind}")
    for key in sorted(_KEYS_OF_KINDS[kind] & set(content)):
        if not isinstance(content[key], str) or not content[key]:
            raise _wrong(path, f"'engines.{name}.{key}' must be text")
    host = content[kind]
    if kind is EngineKind.KUBERNETES:
        if host is not True:
            raise _wrong(path, f"'engines.{name}.kubernetes' must be true")
        of_cluster = (content.get("kube_context"), content.get("namespace"))
        address = EngineAddress(kind, None, None, *of_cluster)
    elif not isinstance(host, str):
        raise _wrong(path, f"'engines.{name}.{kind}' must be an address")
    else:
        address = EngineAddress(kind, host, content.get("tls"))
    try:
        return check_engine(address)
    except ContctlError as error:
        raise _wrong(path, f"[engines.{name}]: {error.message}", error.hint) from None


def _listen(
    reader: Reader, listen: Mapping[str, Any]
) -> tuple[UnixListening | None, tuple[str, int] | None, TlsFiles | None]:
    path = reader.path
    tcp = _tcp(reader)
    tls = _tls(path, listen)
    if tcp is not None and tls is None:
        raise _wrong(
            path,
            "'listen.tcp' needs 'listen.certificate' and 'listen.key'",
            "without TLS a gateway listens on a Unix socket only",
        )
    if tcp is not None and "socket" not in listen:
        if "group" in listen:
            raise _wrong(path, "'listen.group' needs 'listen.socket'")
        return None, tcp, tls
    group = listen.get("group", DEFAULT_GROUP)
    if not isinstance(group, str) or not group:
        raise reader.wrong("listen", "group", "the name of a group")
    socket = _path(path, "listen.socket", listen.get("socket", DEFAULT_SOCKET))
    return UnixListening(socket, group), tcp, tls


def _tls(path: Path, listen: Mapping[str, Any]) -> TlsFiles | None:
    given = [key for key in ("certificate", "key") if key in listen]
    if not given:
        return None
    if len(given) == 1:
        raise _wrong(path, f"'listen.{given[0]}' is there without its other half", "set both")
    return TlsFiles(*(_path(path, f"listen.{key}", listen[key]) for key in given))


def _tcp(reader: Reader) -> tuple[str, int] | None:
    value = reader.get("listen", "tcp")
    if value is None:
        return None
    wanted = 'an IP address and a port, such as "192.0.2.1:8443" or "[::]:8443"'
    try:
        host, _, port = value.rpartition(":")
        address = ip_address(host.removeprefix("[").removesuffix("]"))
    except (ValueError, AttributeError):
        raise reader.wrong("listen", "tcp", wanted) from None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise reader.wrong("listen", "tcp", wanted)
    return str(address), int(port)


def _limits(reader: Reader) -> Limits:
    default = Limits()
    times = {name: _time(reader, key, getattr(default, name)) for key, name in _TIMES.items()}
    counts = {key: _count(reader, key, getattr(default, key)) for key in _COUNTS}
    return Limits(**times, **counts)


def _time(reader: Reader, key: str, default: int) -> int:
    value = reader.seconds("limits", key, default)
    if value > _LONGEST_TIME:
        raise reader.wrong("limits", key, "an hour at most")
    return value


def _count(reader: Reader, key: str, default: int) -> int:
    value = reader.get("limits", key)
    if value is None:
        return default
    if type(value) is not int or not 1 <= value <= _LARGEST_COUNT:
        raise reader.wrong("limits", key, f"a number from 1 to {_LARGEST_COUNT}")
    return value


def _path(path: Path, key: str, value: Any) -> Path:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise _wrong(path, f"{key!r} must be an absolute path")
    return Path(os.path.normpath(value))


def _wrong(path: Path, message: str, hint: str | None = None) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{path}: {message}", hint=hint)
