"""What the choice of a place depends on: the environment, `contexts.json`, and the socket of this
machine's gateway."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from contctl.backends.files import (
    check_no_one_else_may_exchange,
    create_private,
    ensure_folder,
    read_private,
    update_private,
)
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import (
    ENGINE_VARIABLES,
    LOCAL_SOCKET,
    Contexts,
    Gateway,
    Situation,
)
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LIMIT = 1024 * 1024
_ENGINES = frozenset(EngineKind)
_EMPTY = b'{"version": 1, "chosen": null, "contexts": {}}\n'


class PlacesOfThisUser:
    """Implements the port `ContextStore`. folder: that of the configuration."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], local_socket: str = LOCAL_SOCKET
    ) -> None:
        self._path = folder / "contexts.json"
        self._environ = environ
        self._local_socket = local_socket

    def situation(self, option: str | None) -> Situation:
        """As the port says."""
        return Situation(
            option=option,
            variable=self._environ.get("CONTCTL_CONTEXT") or None,
            engine_variables=tuple(name for name in ENGINE_VARIABLES if self._environ.get(name)),
            contexts=self._load(),
            local_socket=self._local_socket,
            is_there=is_there(self._local_socket),
            container_host=self._environ.get("CONTAINER_HOST") or None,
        )

    def change(self, change: Callable[[Contexts], Contexts]) -> None:
        """As the port says."""
        if not self._path.parent.is_dir():
            ensure_folder(self._path.parent)
        check_no_one_else_may_exchange(self._path)
        create_private(self._path, _EMPTY)
        update_private(self._path, lambda content: _encode(change(self._decode(content))))

    def _load(self) -> Contexts:
        try:
            content = read_private(self._path, _LIMIT)
        except ContctlError as error:
            if error.reason == "absent":
                return Contexts()
            raise
        # Who could put another file here would be sent the next password.
        check_no_one_else_may_exchange(self._path)
        return self._decode(content)

    def _decode(self, content: bytes) -> Contexts:
        import json

        try:
            return _contexts(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ContctlError(
                ErrorCode.STORE,
                f"{self._path} is damaged",
                hint="repair it, or remove it and make the contexts again",
            ) from None


def _contexts(document: Any) -> Contexts:
    version = document["version"]
    # A number, which True is not.
    if type(version) is not int or version not in (1, 2):
        raise ValueError("another version's")
    gateways, engines = {}, {}
    for name, entry in document["contexts"].items():
        if version == 2 and _ENGINES & entry.keys():
            engines[name] = _engine(entry)
        else:
            gateways[name] = _gateway(entry)
    chosen = document["chosen"]
    if not isinstance(chosen, str | None) or chosen == "":
        raise TypeError("a name is text")
    return Contexts(gateways, chosen, engines)


def _gateway(entry: Any) -> Gateway:
    from contctl.core.domain.contexts import parse_gateway

    engine = entry.get("engine")
    if not isinstance(entry["ca"], str | None) or not isinstance(engine, str | None):
        raise TypeError("a path and a name are text")
    try:
        return parse_gateway(entry["gateway"], entry["ca"], engine)
    except ContctlError:
        raise ValueError("no gateway's address") from None


def _engine(entry: Any) -> EngineAddress:
    """Of the form that `_engine_entry` writes, and no other."""
    from contctl.core.domain.engine_addresses import check_engine

    kind = EngineKind(next(name for name in entry if name in _ENGINES))
    if kind is EngineKind.KUBERNETES:
        cluster = entry[kind]
        found = EngineAddress(kind, None, None, cluster["context"], cluster["namespace"])
    else:
        found = EngineAddress(kind, entry[kind] or "", entry.get("tls"))
    if not all(isinstance(part, str | None) for part in found) or _engine_entry(found) != entry:
        raise ValueError("an engine's entry has something else in it")
    try:
        return check_engine(found)
    except ContctlError:
        raise ValueError("no engine's address") from None


def _encode(contexts: Contexts) -> bytes:
    import json

    gateways = {name: _gateway_entry(gateway) for name, gateway in contexts.gateways.items()}
    engines = {name: _engine_entry(engine) for name, engine in contexts.engines.items()}
    document = {
        # Without engines an older contctl can read it too, and would go to the right place.
        "version": 2 if engines or any(each.engine for each in contexts.gateways.values()) else 1,
        "chosen": contexts.chosen,
        "contexts": {**gateways, **engines},
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def _gateway_entry(gateway: Gateway) -> dict[str, Any]:
    engine = {} if gateway.engine is None else {"engine": gateway.engine}
    return {"gateway": gateway.address, "ca": gateway.ca, **engine}


def _engine_entry(engine: EngineAddress) -> dict[str, Any]:
    if engine.kind is EngineKind.KUBERNETES:
        return {engine.kind: {"context": engine.kube_context, "namespace": engine.namespace}}
    if engine.kind is EngineKind.DOCKER:
        return {engine.kind: engine.host, "tls": engine.tls}
    return {engine.kind: engine.host or "unix://"}


def is_there(path: str) -> bool:
    """Whether something is at `path`; also where this user may not look."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def check_local_socket(path: str) -> None:
    """Refuse a socket in whose place others than root and its owner could put theirs, and what is
    no socket: ContctlError STORE. What is not there, or not to be seen, is no matter of trust."""
    try:
        found = os.lstat(path)
        if not stat.S_ISSOCK(found.st_mode):
            raise _not_trusted(path, "it is not a socket")
        folder = path
        while folder != "/":
            folder = os.path.dirname(folder)
            _check_folder(path, folder, os.lstat(folder), found.st_uid)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    except OSError as error:
        raise _not_trusted(path, error.strerror or str(error)) from error


def _check_folder(path: str, folder: str, found: os.stat_result, owner: int) -> None:
    if not stat.S_ISDIR(found.st_mode):
        raise _not_trusted(path, f"{folder} is a link")
    if found.st_uid not in (0, owner):
        raise _not_trusted(path, f"the folder {folder} belongs to uid {found.st_uid}")
    # Also where it is sticky: a socket that is not there yet could be made by anybody.
    if found.st_mode & 0o022:
        raise _not_trusted(path, f"others may write the folder {folder}")


def _not_trusted(path: str, why: str) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"the gateway's socket {path} is not trusted: {why}",
        hint="what lies there may not be the gateway's; name another context with --context",
    )
