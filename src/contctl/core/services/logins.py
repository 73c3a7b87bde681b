"""The use cases on live sessions."""

from contctl.core.answers import Login
from contctl.core.api import Refs
from contctl.core.domain.grants import holds
from contctl.core.domain.roles import Permission
from contctl.core.domain.sessions import revoked
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.caller import Caller, Deed
from contctl.core.services.shared import Shared


class LoginService:
    """Implements the inbound port `Logins`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def list(self, user: str | None) -> tuple[Login, ...]:
        caller = self._shared.access.caller()
        owner = caller.user
        if caller.token_id or user not in (None, owner.name):
            self._shared.access.require(Permission.SESSION_MANAGE, user or "")
            owner = self._shared.user_named(user) if user is not None else owner
        return tuple(
            Login(
                session_id=session.id,
                user=owner,
                created_at=session.created_at,
                renewed_at=session.issued_at,
                ends_at=session.ends_at,
                current=session.id == caller.session_id,
            )
            for session in self._ports.sessions.live(owner.id, self._now())
        )

    def revoke(self, session_ids: Refs) -> tuple[ContctlError | None, ...]:
        caller = self._shared.access.caller()
        return tuple(self._revoke(caller, session_id) for session_id in session_ids)

    def _revoke(self, caller: Caller, session_id: str) -> ContctlError | None:
        session = self._ports.sessions.get(session_id)
        now = self._now()
        own = session is not None and session.user_id == caller.user.id and not caller.token_id
        may = own or holds(caller.grants, Permission.SESSION_MANAGE)
        if session is None or not may or session.revoked_at is not None or now >= session.ends_at:
            return ContctlError(ErrorCode.NOT_FOUND, f"no such session: {session_id}")
        with self._shared.recorder.recorded(caller, Deed("session:revoke", session_id)):
            self._ports.sessions.update(session_id, lambda found: revoked(found, now))
        return None

    def _now(self) -> int:
        return int(self._ports.clock.now())
