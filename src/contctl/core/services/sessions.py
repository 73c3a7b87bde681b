"""The caller's own session on this machine: the client's side of init, login, refresh, logout."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from contctl.core.answers import LoggedIn, Refreshed, SessionStatus
from contctl.core.domain.credentials import Credential, StoreKind
from contctl.core.errors import ContctlError
from contctl.core.services.authority import not_authenticated

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.api import SessionAuthority
    from contctl.core.domain.accounts import User
    from contctl.core.domain.ci_tokens import GivenToken
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.tokens import TokenPair
    from contctl.core.ports import CredentialStore, CredentialStores
    from contctl.core.services.held_token import HeldToken


class SessionService:
    """Implements the inbound port `Sessions`: an authority, in this process or elsewhere, and the
    credential store of this machine's user. given: the CI token that the environment gives. ready:
    loads what a change of the session needs; it is called before the lock is taken.

    Order under the lock (DESIGN, decision 3): read, probe, rotate, write. The database is never
    locked across a call to the credential store.
    """

    def __init__(
        self,
        authority: SessionAuthority,
        stores: CredentialStores,
        held: HeldToken,
        given: Callable[[], GivenToken | None],
        ready: Callable[[], object] = lambda: None,
    ) -> None:
        self._authority = authority
        self._stores = stores
        self._held = held
        self._given = given
        self._ready = ready

    def check_uninitialised(self) -> None:
        self._authority.check_uninitialised()

    def initialise(self, username: str, password: Secret) -> User:
        return self._authority.initialise(username, password)

    def prepare_login(self, store: StoreKind | None) -> None:
        self._stores.choose(store, self._authority.identity()).probe()

    def login(self, username: str, password: Secret, store: StoreKind | None) -> LoggedIn:
        kept_under = self._authority.identity()
        kept_in = self._stores.choose(store, kept_under)
        credential = _credential(self._authority.login(username, password).tokens)
        kept = False
        try:
            with self._stores.exclusive():
                former = self._stores.recorded(kept_under)
                replaced = _read_or_none(kept_in, kept_under)
                self._keep(kept_in, kept_under, credential, replaced)
                kept = True
                ended = self._end(replaced)
                elsewhere, left_in = None, None
                if former is not None:
                    elsewhere, left_in = self._leave(former, kept_under, credential)
        except ContctlError:
            if not kept:
                with suppress(ContctlError):
                    self._end(credential)
            raise
        return LoggedIn(self.status(), ended or elsewhere, left_in)

    def refresh(self, if_expiring: int | None) -> Refreshed:
        kept_under = self._authority.identity()
        if if_expiring is None:
            self._ready()
        with self._stores.exclusive():
            kept_in = self._stores.choose(None, kept_under)
            credential = kept_in.read(kept_under)
            if credential is None:
                raise not_authenticated("not logged in")
            if if_expiring is not None:
                self._held.hold(credential.access)
                expires_at = self._good_until(if_expiring)
                if expires_at is not None:
                    return Refreshed(rotated=False, access_expires_at=expires_at)
            kept_in.probe()
            pair = self._authority.refresh(credential.refresh)
            kept_in.write(kept_under, _credential(pair))
            self._held.forget()
        return Refreshed(rotated=True, access_expires_at=pair.access_expires_at)

    def logout(self, *, everywhere: bool) -> User | None:
        kept_under = self._authority.identity()
        self._ready()
        with self._stores.exclusive():
            kept_in = self._stores.choose(None, kept_under)
            credential = kept_in.read(kept_under)
            if credential is None:
                return None
            user = self._authority.logout(credential.refresh, everywhere=everywhere)
            kept_in.delete(kept_under)
            self._held.forget()
        return user

    def status(self) -> SessionStatus:
        state = self._authority.status()
        return SessionStatus(
            issuer=state.issuer,
            user=state.user,
            roles=state.roles,
            session_id=state.session_id,
            store=self._stores.choose(None, self._authority.identity()).location,
            access_expires_at=state.access_expires_at,
            refresh_expires_at=state.refresh_expires_at,
            ends_at=state.ends_at,
        )

    def access_token(self) -> Secret:
        given = self._given()
        if given is not None:
            raise not_authenticated(
                "a CI token is in use, and it has no access token", f"unset {given.variable}"
            )
        self._authority.note_printing()
        token = self._held()
        if token is None:
            raise not_authenticated("not logged in")
        return token

    def _keep(
        self,
        kept_in: CredentialStore,
        kept_under: str,
        credential: Credential,
        replaced: Credential | None,
    ) -> None:
        try:
            kept_in.write(kept_under, credential)
            self._stores.record(kept_under, kept_in)
        except ContctlError:
            _put_back(kept_in, kept_under, replaced)
            raise
        self._held.forget()

    def _good_until(self, seconds: int) -> int | None:
        """When the access token expires, if it is good for `seconds` or more; otherwise None."""
        try:
            state = self._authority.status()
        except ContctlError as error:
            if error.reason == "renewable":
                return None
            raise
        return state.access_expires_at if state.access_expires_at - state.now >= seconds else None

    def _end(self, credential: Credential | None) -> User | None:
        """End the session of `credential` where it still stands; whose it was."""
        if credential is None:
            return None
        return self._authority.logout(credential.refresh, everywhere=False)

    def _leave(
        self, former: CredentialStore, kept_under: str, current: Credential
    ) -> tuple[User | None, str | None]:
        """End and forget what the store of the login before holds, unless that is where `current`
        was just written. Whose session it was, and where it stays if that store cannot be used."""
        try:
            credential = former.read(kept_under)
        except ContctlError:
            return None, former.location
        if credential is None or credential == current:
            return None, None
        ended = self._end(credential)
        with suppress(ContctlError):
            # What stays there is worth nothing any more.
            former.delete(kept_under)
        return ended, None


def _credential(pair: TokenPair) -> Credential:
    return Credential(pair.access, pair.refresh, pair.generation)


def _put_back(store: CredentialStore, authority: str, replaced: Credential | None) -> None:
    """After a login that failed halfway: what was there before it, as far as the store allows."""
    with suppress(ContctlError):
        if replaced is None:
            store.delete(authority)
        else:
            store.write(authority, replaced)


def _read_or_none(store: CredentialStore, authority: str) -> Credential | None:
    """What a login is about to replace; damaged credentials are replaced like none."""
    try:
        return store.read(authority)
    except ContctlError:
        return None
