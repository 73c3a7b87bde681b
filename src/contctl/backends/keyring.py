"""Credentials in the system's keyring: one item per authority, through the keyring library.

Each call runs in a thread of its own under a deadline, for a locked keyring whose prompt nobody
answers, or a stopped daemon, never returns. Every foreign exception becomes ContctlError STORE with
one of the reasons `keyring-absent`, `keyring-locked`, `keyring-timeout`, `keyring-refused` and
`keyring-died`, and nothing of its text, which might quote a token.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from contctl.backends import secret_service
from contctl.backends.keyring_errors import (
    FILE_STORE,
    failure,
    is_lost_race,
    reason_of,
    remedy,
    translated,
)
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential, StoreKind
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "contctl"
DEADLINE = 3.0
"""Seconds for a call to a keyring that answers by itself."""
PROMPT_DEADLINE = 30.0
"""Seconds for a call where a person may have to unlock the keyring."""

_RETRY_PAUSES = (0.1, 0.2)
"""Seconds before each further attempt."""
_MAX_DUPLICATES = 8
_REFUSED_MODULES = frozenset(
    {"keyring.backends.null", "keyring.backends.fail", "keyring.backends.chainer"}
)


class _NotInTime(Exception):
    """The keyring did not answer before the deadline."""


class KeyringCredentialStore:
    """CredentialStore over keyring's backend for this system, or the one that its user chose.

    environ: the variables that choose the backend and the remedy. backend: the dotted class name
    that the last login recorded; it is loaded without keyring's scan, which is dear, but
    PYTHON_KEYRING_BACKEND and keyringrc.cfg win over it. deadline: seconds for each call.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        backend: str | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._environ = environ
        self._recorded = backend
        self._deadline = deadline
        self._loaded: KeyringBackend | None = None

    @property
    def kind(self) -> StoreKind:
        """Always KEYRING."""
        return StoreKind.KEYRING

    @property
    def location(self) -> str:
        """The keyring, with its backend's class name where that is known; asks nothing of it."""
        name = self._recorded if self._loaded is None else _dotted_name(self._loaded)
        return f"the keyring ({name})" if name else "the keyring"

    def backend_name(self) -> str:
        """The dotted class name of the backend in use; ContctlError STORE where there is none."""
        return self._call(_dotted_name)

    def probe(self) -> None:
        """Write, read back and delete an item of full size under a name of its own.

        ContctlError STORE if any of it fails, or the item comes back changed or not at all.
        """
        name = f"probe-{os.urandom(8).hex()}"
        self._call(lambda backend: _probe(backend, name))

    def read(self, authority: str) -> Credential | None:
        """What is kept for `authority`; ContctlError STORE, also where that is damaged."""
        text = self._guarded(lambda: self._read_text(authority))
        return None if text is None else Credential.from_json(text)

    def _read_text(self, authority: str) -> str | None:
        text = self._read_by_protocol(authority)
        if text is not None:
            return text
        return self._ask(lambda backend: backend.get_password(SERVICE, authority))

    def _read_by_protocol(self, authority: str) -> str | None:
        """The quick way, for what is as usual; None where keyring is to be asked."""
        if self._recorded != secret_service.BACKEND or not secret_service.is_plain(self._environ):
            return None
        try:
            return secret_service.read_item(SERVICE, authority, self._deadline)
        except Exception as error:
            if reason_of(error) == "keyring-died":
                raise
            return None

    def write(self, authority: str, credential: Credential) -> None:
        """Keep `credential`; ContctlError STORE, before anything is written, if it is too long."""
        text = credential.to_json()
        self._call(lambda backend: backend.set_password(SERVICE, authority, text))

    def delete(self, authority: str) -> None:
        """Forget it; nothing to forget is no error."""
        self._call(lambda backend: _delete(backend, authority))

    def _call(self, operation: "Callable[[KeyringBackend], T]") -> T:
        return self._guarded(lambda: self._ask(operation))

    def _ask(self, operation: "Callable[[KeyringBackend], T]") -> T:
        if self._loaded is None:
            self._loaded = _load(self._environ, self._recorded)
        return operation(self._loaded)

    def _guarded(self, function: Callable[[], T]) -> T:
        """The one place that translates the exceptions of keyring and of what is behind it."""
        try:
            return _within(self._deadline, lambda: _with_retries(function))
        except ContctlError:
            raise
        except _NotInTime:
            raise failure(
                "keyring-timeout",
                f"the keyring did not answer within {self._deadline:g} seconds",
                f"unlock the keyring or restart its service; without a desktop {FILE_STORE}",
            ) from None
        except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
            raise translated(error, self._environ) from None


def _within(seconds: float, function: Callable[[], T]) -> T:
    """What `function` returns or raises; _NotInTime, leaving it behind, after `seconds`."""
    answers: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(function())
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise _NotInTime
    return answers[0]


def _with_retries(operation: Callable[[], T]) -> T:
    """gnome-keyring 42 under busy writers can abort, and its bus may start it anew; or it answers
    that an item is not there which it has just named. Each operation may be repeated, for it names
    the whole state that it leaves."""
    died = False
    for pause in (*_RETRY_PAUSES, None):
        try:
            return operation()
        except Exception as error:
            reason = reason_of(error)
            if died and reason == "keyring-absent":
                raise BrokenPipeError from error
            died = died or reason == "keyring-died"
            if pause is None or not (reason == "keyring-died" or is_lost_race(error)):
                raise
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _load(environ: Mapping[str, str], recorded: str | None) -> "KeyringBackend":
    """The backend that is named explicitly, else the recorded one, else the best of the scan."""
    # keyring logs the tracebacks of broken plug-ins, which would reach stderr.
    import logging

    logging.getLogger("keyring").addHandler(logging.NullHandler())
    from keyring import core

    named = environ.get("PYTHON_KEYRING_BACKEND")
    try:
        if named:
            backend = core.load_keyring(named)
        else:
            backend = core.load_config() or (core.load_keyring(recorded) if recorded else _scan())
    except Exception as error:  # noqa: BLE001 - a name from outside may lead to any module
        name = named or recorded
        message = (
            f"the keyring {name!r} cannot be used here" if name else "there is no keyring here"
        )
        raise failure(
            "keyring-absent",
            f"{message} ({type(error).__name__})",
            remedy(environ, "start a Secret Service, or"),
        ) from None
    if _is_refused(backend):
        raise failure(
            "keyring-refused",
            f"{_dotted_name(backend)} is refused: it keeps no credentials, or not in one place",
            f"name another backend in PYTHON_KEYRING_BACKEND or keyringrc.cfg, or {FILE_STORE}",
        )
    return backend


def _scan() -> "KeyringBackend":
    """The best backend that keyring itself recommends here (a priority of 1 or more); those below
    keep their items in plain files or ask for a password of their own."""
    from keyring.backend import get_all_keyring
    from keyring.errors import NoKeyringError

    usable = [(ring.priority, ring) for ring in get_all_keyring() if not _is_refused(ring)]
    recommended = [found for found in usable if found[0] >= 1]
    if not recommended:
        raise NoKeyringError
    return max(recommended, key=lambda found: found[0])[1]


def _is_refused(backend: "KeyringBackend") -> bool:
    return any(base.__module__ in _REFUSED_MODULES for base in type(backend).__mro__)


def _dotted_name(backend: "KeyringBackend") -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _probe(backend: "KeyringBackend", name: str) -> None:
    value = os.urandom(MAX_CHARACTERS // 2).hex()
    backend.set_password(SERVICE, name, value)
    found = backend.get_password(SERVICE, name)
    _delete(backend, name)
    if found != value:
        raise failure(
            "keyring-refused",
            f"{_dotted_name(backend)} does not keep what is written to it",
            f"name another backend in PYTHON_KEYRING_BACKEND, or {FILE_STORE}",
        )


def _delete(backend: "KeyringBackend", name: str) -> None:
    """A backend deletes the first item only, and may raise the same for none as for a failure."""
    from keyring.errors import PasswordDeleteError

    for _ in range(_MAX_DUPLICATES):
        if backend.get_password(SERVICE, name) is None:
            return
        backend.delete_password(SERVICE, name)
    if backend.get_password(SERVICE, name) is not None:
        raise PasswordDeleteError
