"""Where a gateway listens: a Unix socket, TCP with TLS, or what systemd hands over."""

import fcntl
import grp
import os
import socket
import ssl
import stat
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contctl.core.domain.gateway_settings import GatewaySettings, UnixListening
from contctl.core.errors import ContctlError, ErrorCode

_FIRST_GIVEN = 3
"""SD_LISTEN_FDS_START, sd_listen_fds(3)."""
_MOST_GIVEN = 16
_LONGEST_PATH = 107
"""Bytes of sun_path without the NUL at its end (unix(7))."""
_BACKLOG = 512
_MODE = 0o660


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens.  address: for people.  tls: None on a Unix socket.

    path: of a Unix socket that is this process' own, and its device and inode. lock: a descriptor
    that keeps other gateways away from the path for as long as this process lives.
    """

    socket: socket.socket
    address: str
    tls: ssl.SSLContext | None = None
    path: Path | None = None
    inode: tuple[int, int] | None = None
    lock: int | None = None

    def close(self) -> None:
        """Stop listening; more than once is no error. The socket's name goes too, if it is this
        socket's still."""
        if self.socket.fileno() < 0:
            return
        with suppress(OSError):
            if self.path is not None and _inode(self.path) == self.inode:
                self.path.unlink()
        self.socket.close()
        if self.lock is not None:
            os.close(self.lock)


def open_listeners(
    settings: GatewaySettings,
    tls: ssl.SSLContext | None,
    environ: MutableMapping[str, str],
    check: Callable[[Path], None],
) -> list[Listener]:
    """All that the settings ask for. A socket that systemd hands over takes the place of the
    configured one of its kind. tls: for TCP; there is none without. check: raises ContctlError
    where a Unix socket of that path would not be safe.

    ContctlError STORE for what cannot be listened on, CONFLICT where somebody else does.
    """
    listeners = given_listeners(environ, tls)
    kinds = {listener.tls is not None for listener in listeners}
    if settings.socket is not None and False not in kinds:
        check(settings.socket.path)
        listeners.append(listen_unix(settings.socket))
    if settings.tcp is not None and tls is not None and True not in kinds:
        listeners.append(listen_tcp(settings.tcp, tls))
    return listeners


def listen_unix(where: UnixListening) -> Listener:
    """Listen on a Unix socket of mode 0660 and the group, whatever the umask. It is found under its
    name once it listens, not earlier."""
    path = where.path
    draft = path.with_name(f".{path.name}")
    if len(os.fsencode(draft)) > _LONGEST_PATH:
        raise _store(f"the path of the socket is too long: {path}", "at most 106 bytes")
    gid = _group(where.group)
    lock = _lock(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _check_free(path)
        with suppress(FileNotFoundError):
            draft.unlink()
        # Linux gives the new file the mode of the socket (net/unix/af_unix.c, unix_bind), less the
        # umask; nobody can connect before it listens.
        os.fchmod(listening.fileno(), 0o600)
        listening.bind(os.fspath(draft))
        _give(draft, gid, where.group)
        listening.listen(_BACKLOG)
        os.rename(draft, path)
        return Listener(listening, f"unix://{path}", None, path, _inode(path), lock)
    except OSError as error:
        listening.close()
        os.close(lock)
        raise _store(f"cannot listen on {path}: {error.strerror or error}") from error
    except ContctlError:
        listening.close()
        os.close(lock)
        raise


def listen_tcp(where: tuple[str, int], tls: ssl.SSLContext) -> Listener:
    """Listen on an IP address and a port."""
    host, port = where
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(_BACKLOG)
        return _on_network(listening, tls)
    except OSError as error:
        listening.close()
        raise _store(f"cannot listen on {_shown(host, port)}: {error.strerror or error}") from error


def given_listeners(
    environ: MutableMapping[str, str], tls: ssl.SSLContext | None
) -> list[Listener]:
    """The sockets that systemd has opened for this process (sd_listen_fds(3)); the variables that
    tell of them go from `environ`. ContctlError STORE for one that cannot be served."""
    process, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not (count.isascii() and count.isdigit()):
        return []
    if int(count) > _MOST_GIVEN:
        raise _store(f"systemd hands over {count} sockets, and {_MOST_GIVEN} are the most")
    return [_given(_FIRST_GIVEN + index, tls) for index in range(int(count))]


def notify(state: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Tell systemd a state, such as READY=1 (sd_notify(3)), where it wants to know."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.setblocking(False)
        telling.sendto(
            state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address
        )


def _given(descriptor: int, tls: ssl.SSLContext | None) -> Listener:
    try:
        os.set_inheritable(descriptor, False)
        given = socket.socket(fileno=descriptor)
        listens = given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise _store(f"descriptor {descriptor} is not a socket: {error.strerror}") from error
    if given.type != socket.SOCK_STREAM or not listens:
        raise _store(f"descriptor {descriptor} is not a socket that streams and listens")
    if given.family == socket.AF_UNIX:
        return Listener(given, f"unix://{given.getsockname()}")
    if given.family not in (socket.AF_INET, socket.AF_INET6):
        raise _store(f"descriptor {descriptor} is neither a Unix socket nor TCP")
    if tls is None:
        raise _store(
            "systemd hands over a TCP socket, and there is no certificate for it",
            "set certificate and key in [listen]",
        )
    return _on_network(given, tls)


def _on_network(listening: socket.socket, tls: ssl.SSLContext) -> Listener:
    host, port = listening.getsockname()[:2]
    return Listener(listening, f"https://{_shown(host, port)}", tls)


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _group(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise _store(
            f"there is no group {name!r} on this machine",
            "make it with 'groupadd --system', or name another with group in [listen]",
        ) from None


def _lock(path: Path) -> int:
    """Keep other gateways away; the file stays, for deleting it would let two of them in."""
    file = path.with_name(f"{path.name}.lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags, 0o600)
    except FileNotFoundError:
        raise _store(
            f"there is no folder {path.parent}", "make it, belonging to the gateway's user"
        ) from None
    except OSError as error:
        raise _store(f"cannot lock {file}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise _taken(f"another gateway serves on {path}") from None
    return descriptor


def _check_free(path: Path) -> None:
    """Refuse a path where something is that a gateway did not leave behind, or that answers."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise _taken(f"{path} is there already, and it is not a socket")
    if found.st_uid != os.geteuid():
        raise _taken(f"{path} is there already, and it belongs to uid {found.st_uid}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        try:
            caller.connect(os.fspath(path))
        except ConnectionRefusedError:
            return
        except BlockingIOError:
            pass
    raise _taken(f"another process answers on {path}")


def _give(path: Path, gid: int, group: str) -> None:
    try:
        os.chown(path, -1, gid)
        os.chmod(path, _MODE)
    except PermissionError:
        path.unlink()
        raise _store(
            f"this user may not give a socket to the group {group}",
            f"the gateway's user has to be a member of {group}",
        ) from None


def _inode(path: Path) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def _store(message: str, hint: str | None = None) -> ContctlError:
    return ContctlError(ErrorCode.STORE, message, hint=hint)


def _taken(message: str) -> ContctlError:
    return ContctlError(ErrorCode.CONFLICT, message)
