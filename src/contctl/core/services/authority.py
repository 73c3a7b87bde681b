"""The authority's side of a session: whose a token is, whether it is good, and signing its like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contctl.core.domain import sessions
from contctl.core.domain.tokens import Claims, TokenKind, TokenPair
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.domain.identities import Identity
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.sessions import Session
    from contctl.core.ports import Clock, IdentityLookup, TokenCodec

LOGIN_HINT = "run 'contctl login'"
REFRESH_HINT = "run 'contctl refresh'"


def not_authenticated(message: str, hint: str = LOGIN_HINT) -> ContctlError:
    """The error of a caller who could not be told."""
    return ContctlError(ErrorCode.NOT_AUTHENTICATED, message, hint=hint)


def _expired(*, renewable: bool) -> ContctlError:
    if renewable:
        return ContctlError(
            ErrorCode.NOT_AUTHENTICATED,
            "the access token has expired",
            hint=REFRESH_HINT,
            details={"reason": "renewable"},
        )
    return not_authenticated("the access token has expired, and it is too late to renew it")


@dataclass(frozen=True, slots=True)
class Authority:
    """What the token rules need of the world, for the authority named `issuer`."""

    issuer: str
    codec: TokenCodec
    identities: IdentityLookup
    clock: Clock

    def now(self) -> int:
        """Whole seconds since the epoch."""
        return int(self.clock.now())

    def identify(self, claims: Claims) -> Identity:
        """The holder of genuine `claims`; NOT_AUTHENTICATED if the session does not stand."""
        identity = self.identities.find(claims.user_id, claims.session_id)
        if identity is None or not identity.user.enabled:
            raise not_authenticated("the session has ended")
        if claims.generation > identity.session.generation:
            raise not_authenticated("the store does not know this session's latest tokens")
        if not sessions.is_live(identity.session, claims, self.now()):
            raise not_authenticated("the session has ended")
        return identity

    def accept_access(self, token: Secret) -> Identity:
        """The holder of an access token that is good now; otherwise NOT_AUTHENTICATED."""
        claims = self.codec.decode(token, TokenKind.ACCESS, self.issuer)
        identity = self.identify(claims)
        if self.now() >= claims.expires_at:
            renewable = self.now() < identity.session.refresh_expires_at
            raise _expired(renewable=renewable)
        session = identity.session
        if claims.generation == session.generation and not session.generation_used:
            self._note_use(session)
        return identity

    def _note_use(self, session: Session) -> None:
        try:
            self.identities.mark_used(session.id, session.generation)
        except ContctlError as error:
            # A listing goes on with a store that takes no writes, and a change is refused there by
            # the audit log. Nothing can rotate in such a store, so the note is not missed.
            if error.reason not in ("read-only", "full"):
                raise

    def pair(self, session: Session) -> TokenPair:
        """The tokens of the session's current generation; the same session gives the same texts."""
        return TokenPair(
            access=self._sign(session, TokenKind.ACCESS, session.access_expires_at),
            refresh=self._sign(session, TokenKind.REFRESH, session.refresh_expires_at),
            generation=session.generation,
            access_expires_at=session.access_expires_at,
            refresh_expires_at=session.refresh_expires_at,
        )

    def _sign(self, session: Session, kind: TokenKind, expires_at: int) -> Secret:
        claims = Claims(
            kind=kind,
            issuer=self.issuer,
            user_id=session.user_id,
            session_id=session.id,
            generation=session.generation,
            issued_at=session.issued_at,
            expires_at=expires_at,
        )
        return self.codec.encode(claims, session.key_id)
