"""What keyrings and the libraries behind them raise, as contctl's own error with a remedy."""

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from contctl.core.errors import ContctlError, ErrorCode

FILE_STORE = (
    "use 'contctl login --store file', or set store = \"file\" under [credentials] in config.toml"
)

# Exceptions are told by name: their libraries differ from system to system, and importing them
# only to compare would be dear.
_DIED = frozenset({"ConnectionResetError", "ConnectionAbortedError", "BrokenPipeError", "EOFError"})
_DIED_ON_THE_BUS = frozenset(
    {"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected"}
)
_LOCKED = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})
_ABSENT = frozenset(
    {
        "NoKeyringError",
        "SecretServiceNotAvailableException",
        "ConnectionRefusedError",
        "FileNotFoundError",
    }
)
_LOST_RACE = frozenset({"ItemNotFoundException"})


def is_lost_race(error: BaseException) -> bool:
    """Whether an item went away while it was asked about, or replaced."""
    return any(type(cause).__name__ in _LOST_RACE for cause in _causes(error))


def reason_of(error: BaseException) -> str:
    """Which of the reasons an exception stands for, by itself and by its causes."""
    names = {base.__name__ for cause in _causes(error) for base in type(cause).__mro__}
    on_the_bus = {str(getattr(cause, "name", "")) for cause in _causes(error)}
    if names & _DIED or on_the_bus & _DIED_ON_THE_BUS:
        return "keyring-died"
    if names & _LOCKED:
        return "keyring-locked"
    if names & _ABSENT:
        return "keyring-absent"
    return "keyring-refused"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def translated(error: Exception, environ: Mapping[str, str]) -> ContctlError:
    """The ContctlError STORE for what a keyring raised, with one line of remedy."""
    reason = reason_of(error)
    message, advice = {
        "keyring-died": ("the keyring's service went away in the middle", "try again, or"),
        "keyring-locked": ("the keyring is locked", "unlock the keyring, or"),
        "keyring-absent": ("there is no keyring here", "start a Secret Service, or"),
        "keyring-refused": ("the keyring refused", "look at the keyring's own settings, or"),
    }[reason]
    return failure(reason, f"{message} ({type(error).__name__})", remedy(environ, advice))


def remedy(environ: Mapping[str, str], advice: str) -> str:
    """One line that fits where this process runs; `advice` where nothing speaks for a place."""
    address = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if environ.get("WSL_DISTRO_NAME"):
        return f"WSL starts no keyring: {FILE_STORE}"
    if _is_stale(address):
        return f"the session's bus is gone, as in an old tmux: open a new session, or {FILE_STORE}"
    if environ.get("SSH_CONNECTION"):
        return f"a session over SSH has no desktop's keyring: {FILE_STORE}"
    if not address:
        return f"there is no session bus, as on a server or under cron: {FILE_STORE}"
    return f"{advice} {FILE_STORE}"


def _is_stale(address: str) -> bool:
    """Whether a D-Bus address (D-Bus specification, "Server Addresses") names a missing socket."""
    found = re.match(r"unix:path=([^,;]+)", address)
    return found is not None and not os.path.exists(unquote(found[1]))


def failure(reason: str, message: str, hint: str) -> ContctlError:
    """A ContctlError STORE with one of the reasons."""
    return ContctlError(ErrorCode.STORE, message, hint=hint, details={"reason": reason})
