"""The authority's side of sessions: who may begin one, rotating its tokens, ending it."""

import secrets

from contctl.core.answers import Issued, SessionState
from contctl.core.domain.accounts import User, check_username
from contctl.core.domain.grants import Grant
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.sessions import revoked
from contctl.core.domain.tokens import TokenKind, TokenPair
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.authority import not_authenticated
from contctl.core.services.caller import Caller, Deed
from contctl.core.services.shared import Shared

KEPT_AFTER_THE_END = 30 * 86400
"""Seconds for which the store remembers a session that has ended."""

_NOBODY = "(no such user)"
_WRONG_HINT = (
    "after several failures logins have to wait, up to 15 minutes;"
    " an admin can run 'contctl user unlock NAME'"
)


class SessionAuthorityService:
    """Implements the inbound port `SessionAuthority` on the store."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def identity(self) -> str:
        return self._shared.authority.issuer

    def check_uninitialised(self) -> None:
        self._check_peer()
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
        self._check_peer()
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

    def login(self, username: str, password: Secret) -> Issued:
        user = self._authenticate(username, password)
        self._ports.sessions.prune(int(self._ports.clock.now()) - KEPT_AFTER_THE_END)
        session, pair = self._shared.tokens.begin(user)
        return Issued(user, session.id, pair)

    def refresh(self, token: Secret) -> TokenPair:
        authority = self._shared.authority
        claims = authority.codec.decode(token, TokenKind.REFRESH, authority.issuer)
        identity = authority.identify(claims)
        caller = Caller(identity.user, claims.session_id, identity.grants)
        deed = Deed("session:refresh", claims.session_id)
        with self._shared.recorder.recorded(caller, deed):
            return self._shared.tokens.rotate(claims)

    def logout(self, token: Secret, *, everywhere: bool) -> User | None:
        authority = self._shared.authority
        try:
            claims = authority.codec.decode(token, TokenKind.REFRESH, authority.issuer)
            identity = authority.identify(claims)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_AUTHENTICATED:
                return None
            raise
        caller = Caller(identity.user, claims.session_id, identity.grants)
        detail = "of all sessions" if everywhere else ""
        deed = Deed("session:logout", claims.session_id, detail=detail)
        with self._shared.recorder.recorded(caller, deed):
            now = authority.now()
            if everywhere:
                self._ports.sessions.revoke_all(identity.user.id, now, None)
            else:
                self._ports.sessions.update(claims.session_id, lambda found: revoked(found, now))
        return identity.user

    def status(self) -> SessionState:
        identity = self._shared.access.identity()
        return SessionState(
            issuer=self._shared.authority.issuer,
            user=identity.user,
            roles=tuple(dict.fromkeys(grant.role for grant in identity.grants)),
            session_id=identity.session.id,
            access_expires_at=identity.session.access_expires_at,
            refresh_expires_at=identity.session.refresh_expires_at,
            ends_at=identity.session.ends_at,
            now=self._shared.authority.now(),
        )

    def note_printing(self) -> None:
        identity = self._shared.access.identity()
        caller = Caller(identity.user, identity.session.id, identity.grants)
        deed = Deed("session:print-access-token", identity.session.id)
        self._shared.recorder.read(caller, deed)

    def _check_peer(self) -> None:
        if not self._ports.may_initialise:
            raise ContctlError(
                ErrorCode.FORBIDDEN,
                "only root, or the user that the gateway runs as, may initialise it",
                hint="run 'sudo contctl init' on the gateway's own host",
            )

    def _authenticate(self, username: str, password: Secret) -> User:
        known = self._ports.users.by_name(username)
        # A name that nobody has is not kept: it may be a password, typed where the name belongs.
        deed = Deed("session:login", target_name=known.name if known else _NOBODY)
        recorder = self._shared.recorder
        intent = recorder.intent(None, deed)
        try:
            verdict = self._shared.passwords.check(known, password, self._ports.peer)
        except ContctlError as error:
            recorder.outcome(None, deed, intent, error)
            raise
        if verdict.user is None:
            refusal = not_authenticated("wrong user name or password", _WRONG_HINT)
            detail = "throttled" if verdict.throttled else ""
            recorder.outcome(None, deed._replace(detail=detail), intent, refusal)
            raise refusal
        user = verdict.user
        recorder.outcome(Caller(user, "", ()), Deed("session:login", user.id, user.name), intent)
        return user
