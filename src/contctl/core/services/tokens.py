"""Beginning sessions, and rotating their tokens."""

import secrets

from contctl.core.domain import sessions
from contctl.core.domain.accounts import User
from contctl.core.domain.sessions import Lifetimes, Session, Verdict
from contctl.core.domain.tokens import Claims, TokenPair
from contctl.core.ports import SessionRepository
from contctl.core.services.authority import Authority, not_authenticated


class SessionTokens:
    """Begins sessions and rotates their tokens."""

    def __init__(
        self, authority: Authority, repository: SessionRepository, lifetimes: Lifetimes
    ) -> None:
        self._authority = authority
        self._sessions = repository
        self._lifetimes = lifetimes

    def begin(self, user: User) -> tuple[Session, TokenPair]:
        """A new session of `user`, stored, and its first tokens."""
        session = sessions.begin(
            session_id=secrets.token_hex(16),
            user_id=user.id,
            key_id=self._authority.codec.current_key(),
            now=self._authority.now(),
            lifetimes=self._lifetimes,
        )
        self._sessions.add(session)
        return session, self._authority.pair(session)

    def rotate(self, claims: Claims) -> TokenPair:
        """The next tokens for the holder of a genuine refresh token with `claims`.

        NOT_AUTHENTICATED if it has expired, its session has ended, or it was used before; the last
        ends the whole family (RFC 9700, section 4.14.2).
        """
        now = self._authority.now()
        self._authority.identify(claims)
        if now >= claims.expires_at:
            raise not_authenticated("the session has expired")
        verdict, session = self._judge(claims, now)
        if verdict is Verdict.REVOKE:
            raise not_authenticated(
                "this session's refresh token was used twice, so the session was ended"
            )
        if verdict is Verdict.DENY:
            raise not_authenticated("the session has ended")
        return self._authority.pair(session)

    def _judge(self, claims: Claims, now: int) -> tuple[Verdict, Session]:
        key_id = self._authority.codec.current_key()
        verdicts = [Verdict.DENY]

        def change(session: Session) -> Session:
            verdict = sessions.judge_refresh(session, claims, now)
            verdicts.append(verdict)
            if verdict is Verdict.ROTATE:
                return sessions.rotated(session, key_id, now, self._lifetimes)
            if verdict is Verdict.REVOKE:
                return sessions.revoked(session, now)
            return session

        session = self._sessions.update(claims.session_id, change)
        if session is None:
            raise not_authenticated("the session has ended")
        return verdicts[-1], session
