"""The caller's own session: init, login, refresh, logout, status."""

import secrets
from contextlib import suppress
from dataclasses import replace

from contctl.core.answers import LoggedIn, Refreshed, SessionStatus
from contctl.core.domain.accounts import User, check_username
from contctl.core.domain.credentials import Credential, StoreKind
from contctl.core.domain.grants import Grant
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.sessions import revoked
from contctl.core.domain.tokens import TokenKind, TokenPair
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore
from contctl.core.services.access import issuer_of
from contctl.core.services.authority import Authority, not_authenticated
from contctl.core.services.record import Caller, Deed
from contctl.core.services.shared import Shared

KEPT_AFTER_THE_END = 30 * 86400
"""Seconds for which the store remembers a session that has ended."""

_NOBODY = "(no such user)"
_WRONG_HINT = (
    "after several failures logins have to wait, up to 15 minutes;"
    " an admin can run 'contctl user unlock NAME'"
)


class SessionService:
    """Implements the inbound port `Sessions`, with the credential store of this machine's user.

    Order under the lock (DESIGN, decision 3): read, probe, rotate, write. The database is never
    locked across a call to the credential store.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def check_uninitialised(self) -> None:
        try:
            self._ports.store.identity()
        except ContctlError as error:
            if error.reason == "absent":
                return
            raise
        raise ContctlError(
            ErrorCode.CONFLICT,
            "contctl is initialised here already",
            hint="run 'contctl login'; an admin adds further users with 'contctl user add'",
        )

    def initialise(self, username: str, password: Secret) -> User:
        check_username(username)
        self._shared.password_rules.check(username, password)
        now = int(self._ports.clock.now())
        password_hash = self._shared.passwords.hash(password)
        self._ports.keys.ensure()
        self._ports.audit_keys.ensure()
        admin = User(id=secrets.token_hex(16), name=username, enabled=True, created_at=now)
        grant = Grant(id=secrets.token_hex(8), role=Role.ADMIN, created_at=now)
        self._ports.store.create(admin, password_hash, grant)
        recorder = self._shared.recorder
        deed = Deed("store:init", admin.id, admin.name)
        recorder.outcome(None, deed, recorder.intent(None, deed))
        return admin

    def prepare_login(self, store: StoreKind | None) -> None:
        self._ports.stores.choose(store, issuer_of(self._ports.store)).probe()

    def login(self, username: str, password: Secret, store: StoreKind | None) -> LoggedIn:
        issuer = issuer_of(self._ports.store)
        kept_in = self._ports.stores.choose(store, issuer)
        user = self._authenticate(username, password)
        self._ports.sessions.prune(int(self._ports.clock.now()) - KEPT_AFTER_THE_END)
        with self._ports.stores.exclusive():
            former = self._ports.stores.recorded(issuer)
            elsewhere, left_in = None, None
            replaced = _read_or_none(kept_in, issuer)
            session, pair = self._shared.tokens.begin(user)
            try:
                kept_in.write(issuer, _credential(pair))
                self._ports.stores.record(issuer, kept_in)
            except ContctlError:
                with suppress(ContctlError):
                    self._end(session.id)
                _put_back(kept_in, issuer, replaced)
                raise
            self._shared.access.forget()
            ended = self._end_replaced(replaced)
            if former is not None:
                elsewhere, left_in = self._leave(former, issuer, _credential(pair))
        return LoggedIn(self.status(), ended or elsewhere, left_in)

    def refresh(self, if_expiring: int | None) -> Refreshed:
        authority = self._shared.authority
        issuer = authority.issuer
        if if_expiring is None:
            # Importing what rotates takes longer than all that is done under the lock, and of many
            # at once each would have to wait until all before it have done so.
            _ = self._shared.tokens
        with self._ports.stores.exclusive():
            kept_in = self._ports.stores.choose(None, issuer)
            credential = kept_in.read(issuer)
            if credential is None:
                raise not_authenticated("not logged in")
            if if_expiring is not None:
                expires_at = self._time_left_until(credential, if_expiring)
                if expires_at is not None:
                    return Refreshed(rotated=False, access_expires_at=expires_at)
            kept_in.probe()
            pair = self._rotate(authority, credential)
            kept_in.write(issuer, _credential(pair))
            self._shared.access.forget()
        return Refreshed(rotated=True, access_expires_at=pair.access_expires_at)

    def logout(self, *, everywhere: bool) -> User | None:
        authority = self._shared.authority
        issuer = authority.issuer
        with self._ports.stores.exclusive():
            kept_in = self._ports.stores.choose(None, issuer)
            credential = kept_in.read(issuer)
            if credential is None:
                return None
            user = self._end_own(authority, credential, everywhere=everywhere)
            kept_in.delete(issuer)
            self._shared.access.forget()
        return user

    def status(self) -> SessionStatus:
        identity = self._shared.access.identity()
        issuer = self._shared.authority.issuer
        return SessionStatus(
            issuer=issuer,
            user=identity.user,
            roles=tuple(dict.fromkeys(grant.role for grant in identity.grants)),
            session_id=identity.session.id,
            store=self._ports.stores.choose(None, issuer).location,
            access_expires_at=identity.session.access_expires_at,
            refresh_expires_at=identity.session.refresh_expires_at,
            ends_at=identity.session.ends_at,
        )

    def access_token(self) -> Secret:
        given = self._ports.environment_token
        if given is not None:
            raise not_authenticated(
                "a CI token is in use, and it has no access token", f"unset {given.variable}"
            )
        identity = self._shared.access.identity()
        caller = Caller(identity.user, identity.session.id, identity.grants)
        deed = Deed("session:print-access-token", identity.session.id)
        self._shared.recorder.read(caller, deed)
        return self._shared.access.access_token()

    def _authenticate(self, username: str, password: Secret) -> User:
        known = self._ports.users.by_name(username)
        # A name that nobody has is not kept: it may be a password, typed where the name belongs.
        deed = Deed("session:login", target_name=known.name if known else _NOBODY)
        recorder = self._shared.recorder
        intent = recorder.intent(None, deed)
        try:
            verdict = self._shared.passwords.check(known, password, f"uid {self._ports.uid}")
        except ContctlError as error:
            recorder.outcome(None, deed, intent, error)
            raise
        if verdict.user is None:
            refusal = not_authenticated("wrong user name or password", _WRONG_HINT)
            detail = "throttled" if verdict.throttled else ""
            recorder.outcome(None, replace(deed, detail=detail), intent, refusal)
            raise refusal
        user = verdict.user
        recorder.outcome(Caller(user, "", ()), Deed("session:login", user.id, user.name), intent)
        return user

    def _time_left_until(self, credential: Credential, seconds: int) -> int | None:
        """When the access token expires, if it is good for `seconds` or more; otherwise None."""
        authority = self._shared.authority
        claims = authority.codec.decode(credential.access, TokenKind.ACCESS, authority.issuer)
        authority.identify(claims)
        return claims.expires_at if claims.expires_at - authority.now() >= seconds else None

    def _rotate(self, authority: Authority, credential: Credential) -> TokenPair:
        claims = authority.codec.decode(credential.refresh, TokenKind.REFRESH, authority.issuer)
        identity = authority.identify(claims)
        caller = Caller(identity.user, claims.session_id, identity.grants)
        deed = Deed("session:refresh", claims.session_id)
        with self._shared.recorder.recorded(caller, deed):
            return self._shared.tokens.rotate(claims)

    def _end_own(
        self, authority: Authority, credential: Credential, *, everywhere: bool
    ) -> User | None:
        """End the session of `credential` where it still stands; whose it was."""
        try:
            claims = authority.codec.decode(credential.refresh, TokenKind.REFRESH, authority.issuer)
            identity = authority.identify(claims)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_AUTHENTICATED:
                return None
            raise
        caller = Caller(identity.user, claims.session_id, identity.grants)
        detail = "of all sessions" if everywhere else ""
        deed = Deed("session:logout", claims.session_id, detail=detail)
        with self._shared.recorder.recorded(caller, deed):
            if everywhere:
                self._ports.sessions.revoke_all(identity.user.id, authority.now(), None)
            else:
                self._end(claims.session_id)
        return identity.user

    def _end_replaced(self, credential: Credential | None) -> User | None:
        if credential is None:
            return None
        return self._end_own(self._shared.authority, credential, everywhere=False)

    def _leave(
        self, former: CredentialStore, issuer: str, current: Credential
    ) -> tuple[User | None, str | None]:
        """End and forget what the store of the login before holds, unless that is where `current`
        was just written. Whose session it was, and where it stays if that store cannot be used."""
        try:
            credential = former.read(issuer)
        except ContctlError:
            return None, former.location
        if credential is None or credential == current:
            return None, None
        ended = self._end_replaced(credential)
        with suppress(ContctlError):
            # What stays there is worth nothing any more.
            former.delete(issuer)
        return ended, None

    def _end(self, session_id: str) -> None:
        now = int(self._ports.clock.now())
        self._ports.sessions.update(session_id, lambda session: revoked(session, now))


def _credential(pair: TokenPair) -> Credential:
    return Credential(pair.access, pair.refresh, pair.generation)


def _put_back(store: CredentialStore, issuer: str, replaced: Credential | None) -> None:
    """After a login that failed halfway: what was there before it, as far as the store allows."""
    with suppress(ContctlError):
        if replaced is None:
            store.delete(issuer)
        else:
            store.write(issuer, replaced)


def _read_or_none(store: CredentialStore, issuer: str) -> Credential | None:
    """What a login is about to replace; damaged credentials are replaced like none."""
    try:
        return store.read(issuer)
    except ContctlError:
        return None
