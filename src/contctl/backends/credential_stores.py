"""Which credential store is in use on this machine, and the lock that guards a change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contctl.backends.files import (
    check_folder,
    ensure_folder,
    exclusive,
    read_private,
    replace_private,
)
from contctl.core.domain.credentials import StoreKind
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.ports import CredentialStore

VARIABLE = "CONTCTL_CREDENTIAL_STORE"
LOCK_WAIT = 30.0
"""Seconds to wait for another process to let go of the credentials."""


class _Recorded(NamedTuple):
    """The store of a login; backend: for a keyring, the dotted name of its class."""

    store: StoreKind
    backend: str | None


class CredentialStoreChoice:
    """CredentialStores of one OS user. Nothing is read or made before it is needed.

    environ: CONTCTL_CREDENTIAL_STORE and what keyring reads. data_folder: parent of the file store.
    state_folder: place of the record and the locks. default: the configured store. interactive:
    whether a person is there to unlock a keyring. lock_wait: seconds to wait for a lock.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        data_folder: Path,
        state_folder: Path,
        default: StoreKind,
        *,
        interactive: bool,
        lock_wait: float = LOCK_WAIT,
    ) -> None:
        self._environ = environ
        self._data_folder = data_folder
        self._state_folder = state_folder
        self._default = default
        self._interactive = interactive
        self._lock_wait = lock_wait

    def choose(self, kind: StoreKind | None, authority: str) -> CredentialStore:
        """The store of `kind` if given, else of CONTCTL_CREDENTIAL_STORE, else of the record of the
        last login to `authority`, else the configured one.

        The keyring's backend is the recorded one, unless `kind` asks for a keyring anew.
        ContctlError STORE for an unknown name in the variable and for a damaged record.
        """
        if kind is not None:
            return self._store(kind, None)
        wanted = self._from_environment()
        if wanted is StoreKind.FILE:
            return self._store(wanted, None)
        recorded = self._read_record().get(authority)
        if recorded is None:
            return self._store(wanted or self._default, None)
        return self._store(wanted or recorded.store, recorded.backend)

    def recorded(self, authority: str) -> CredentialStore | None:
        """The store of the last login to `authority`, whatever the environment says.

        ContctlError STORE for a damaged record.
        """
        recorded = self._read_record().get(authority)
        return None if recorded is None else self._store(recorded.store, recorded.backend)

    def record(self, authority: str, store: CredentialStore) -> None:
        """Note that a login to `authority` used `store`, and which backend of the keyring.

        ContctlError STORE where the record cannot be written, or the keyring not be asked.
        """
        backend = _backend_of(store)
        # A lock of its own, so that it may be called inside `exclusive` too.
        with self._locked("credential-stores.lock"):
            recorded = {**self._read_record(), authority: _Recorded(store.kind, backend)}
            replace_private(self._record_path, _to_json(recorded))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other process of this user from changing credentials.

        Not re-entrant. ContctlError STORE with the reason `credentials-busy` where another one does
        not let go in time, as when it was stopped.
        """
        with self._locked("credentials.lock"):
            yield

    def _store(self, kind: StoreKind, backend: str | None) -> CredentialStore:
        if kind is StoreKind.FILE:
            from contctl.backends.credential_file import FileCredentialStore

            return FileCredentialStore(self._data_folder / "credentials")
        from contctl.backends.keyring import DEADLINE, PROMPT_DEADLINE, KeyringCredentialStore

        deadline = PROMPT_DEADLINE if self._interactive else DEADLINE
        return KeyringCredentialStore(self._environ, backend=backend, deadline=deadline)

    def _from_environment(self) -> StoreKind | None:
        text = self._environ.get(VARIABLE)
        if not text:
            return None
        try:
            return StoreKind(text)
        except ValueError:
            kinds = " or ".join(f"'{kind}'" for kind in StoreKind)
            raise ContctlError(
                ErrorCode.STORE, f"{VARIABLE} is {text!r}", hint=f"set it to {kinds}, or unset it"
            ) from None

    @property
    def _record_path(self) -> Path:
        return self._state_folder / "credential-stores.json"

    def _read_record(self) -> dict[str, _Recorded]:
        try:
            check_folder(self._state_folder)
            content = read_private(self._record_path)
        except ContctlError as error:
            if error.reason == "absent":
                return {}
            raise
        try:
            return _from_json(content)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ContctlError(
                ErrorCode.STORE,
                f"{self._record_path}: the record of logins is damaged",
                hint="remove this file and run 'contctl login' again",
            ) from None

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Hold the lock of a folder `name`, which has no other use."""
        folder = self._state_folder / name
        ensure_folder(folder)
        with ExitStack() as resources:
            try:
                resources.enter_context(exclusive(folder, self._lock_wait))
            except ContctlError as error:
                if error.reason == "locked":
                    raise self._busy() from None
                raise
            yield

    def _busy(self) -> ContctlError:
        return ContctlError(
            ErrorCode.STORE,
            "another contctl is changing the credentials and did not let go of them"
            f" within {self._lock_wait:g} seconds",
            hint="look for a stopped contctl, and let it go on or end it",
            details={"reason": "credentials-busy"},
        )


def _to_json(recorded: dict[str, _Recorded]) -> bytes:
    values = {
        authority: {"store": entry.store, "backend": entry.backend}
        for authority, entry in sorted(recorded.items())
    }
    return json.dumps(values, indent=1).encode("ascii") + b"\n"


def _from_json(content: bytes) -> dict[str, _Recorded]:
    """The record; raises what json and the look-ups raise where it is damaged."""
    recorded = {}
    for authority, entry in json.loads(content).items():
        backend = entry["backend"]
        if backend is not None and not isinstance(backend, str):
            raise ValueError
        recorded[authority] = _Recorded(StoreKind(entry["store"]), backend)
    return recorded


def _backend_of(store: CredentialStore) -> str | None:
    if store.kind is not StoreKind.KEYRING:
        return None
    from contctl.backends.keyring import KeyringCredentialStore

    return store.backend_name() if isinstance(store, KeyringCredentialStore) else None
