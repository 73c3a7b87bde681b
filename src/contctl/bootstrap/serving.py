"""The gateway's process: what is read, checked and opened before it serves."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contctl.core.domain.gateway_settings import GatewaySettings

    EndStreams = Callable[[ContctlError], None]
    Compose = Callable[[GatewaySettings], tuple[Any, EndStreams]]

_MOST_DESCRIPTORS = 65536


def serve(path: Path | None, compose: Compose) -> int:
    """Serve by the configuration file `path`, the usual one if None, until a signal ends it; the
    exit code of the process.

    compose: makes the ASGI application, and what ends its running streams with an error; it is
    called once everything else is known to be in order.
    ContctlError STORE for a configuration that cannot be served, CONFLICT where another process
    serves already, UNSUPPORTED where this installation has no gateway.
    """
    _require_extra()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from contctl.backends.gateway_file import DEFAULT_PATH, load_gateway_settings
    from contctl.backends.tls_files import server_context
    from contctl.gateway import logs
    from contctl.gateway.listening import open_listeners
    from contctl.gateway.server import Server

    settings = load_gateway_settings(path or DEFAULT_PATH)
    _check_data(settings.data)
    _allow_descriptors()
    callers = settings.socket.group if settings.socket else None
    tls = server_context(settings.tls, callers) if settings.tls else None
    listeners = open_listeners(settings, tls, os.environ, _check_place)
    try:
        app, end_streams = compose(settings)
        records = logs.configure()
        try:
            return Server(app, settings.limits, listeners, end_streams).run()
        finally:
            records.close()
    finally:
        for listener in listeners:
            listener.close()


def _require_extra() -> None:
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("fastapi", "uvicorn")):
        raise ContctlError(
            ErrorCode.UNSUPPORTED,
            "the gateway needs its extra, which is not installed",
            hint="run: pip install 'contctl[gateway]'",
        )


def _check_data(data: Path) -> None:
    """Refuse a data folder that is not there, not this user's, or not private."""
    from contctl.backends.files import check_folder

    try:
        owner = os.stat(data).st_uid
    except FileNotFoundError:
        raise ContctlError(
            ErrorCode.STORE,
            f"there is no folder {data} for the gateway's data",
            hint="'sudo contctl gateway install --apply' makes it",
        ) from None
    except OSError as error:
        raise ContctlError(ErrorCode.STORE, f"{data}: {error.strerror}") from error
    if owner != os.geteuid():
        name = _user(owner)
        raise ContctlError(
            ErrorCode.STORE,
            f"{data} belongs to {name}, and the gateway would run as {_user(os.geteuid())}",
            hint=f"start it as its own user: sudo -u {name} contctl gateway serve",
        )
    check_folder(data)


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _check_place(socket: Path) -> None:
    """Refuse a socket that others could exchange for one of theirs; a folder that is not there is
    no matter of this check."""
    from contctl.backends.files import check_no_one_else_may_exchange

    if socket.parent.exists():
        check_no_one_else_may_exchange(socket)


def _allow_descriptors() -> None:
    """Connections, and the engine's sockets behind them, are more than the usual 1024."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
