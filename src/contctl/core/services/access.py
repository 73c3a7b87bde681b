"""Who is calling, and whether they may: every use case asks here first."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from contctl.core.domain.grants import cut, holds
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.authority import Authority, not_authenticated
from contctl.core.services.caller import Caller, Deed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contctl.core.domain.ci_tokens import GivenToken, TokenHolder
    from contctl.core.domain.identities import Identity
    from contctl.core.domain.secret import Secret
    from contctl.core.ports import Ports, Store
    from contctl.core.services.record import Recorder

_LONGEST = 200


def issuer_of(store: Store) -> str:
    """The store's identity; without a store nobody can be logged in (NOT_AUTHENTICATED)."""
    with _initialised():
        return store.identity()


def caller_by_token(holder: TokenHolder) -> Caller:
    """The owner of a CI token, with grants cut with the token's own role and scope."""
    grants = cut(holder.grants, holder.token.role, holder.token.scope)
    return Caller(holder.owner, "", grants, holder.token.id)


class Access:
    """The caller of one API object: the holder of the CI token that the environment gives, else of
    the access token that `presented` gives. What a token is worth is asked every time."""

    def __init__(
        self,
        ports: Ports,
        presented: Callable[[], Secret | None],
        authority: Callable[[], Authority],
        recorder: Callable[[], Recorder],
    ) -> None:
        self._ports = ports
        self._presented = presented
        self._authority = authority
        self._recorder = recorder

    def identity(self) -> Identity:
        """User, session and grants of the access token as the store has them now, whatever the
        environment gives; NOT_AUTHENTICATED without one."""
        authority = self._authority()
        token = self._presented()
        if token is None:
            raise not_authenticated("not logged in")
        return authority.accept_access(token)

    def holder(self, given: GivenToken) -> TokenHolder:
        """Owner, token and grants of a CI token as the store has them now, or NOT_AUTHENTICATED."""
        from contctl.core.services.ci_token_access import accept_token

        with _initialised():
            lookup, now = self._ports.ci_token_lookup, int(self._ports.clock.now())
            return accept_token(given, lookup, now)

    def caller(self) -> Caller:
        """The caller as records name it, or NOT_AUTHENTICATED."""
        given = self._ports.environment_token
        if given is not None:
            return caller_by_token(self.holder(given))
        identity = self.identity()
        return Caller(identity.user, identity.session.id, identity.grants)

    def require(self, permission: Permission, asked: str = "") -> Caller:
        """The caller, who holds `permission`; otherwise the refusal is recorded, and FORBIDDEN.

        asked: what it was wanted for, in the caller's words, for the record.
        """
        caller = self.caller()
        if not holds(caller.grants, permission):
            self.refuse(caller, permission, asked)
        return caller

    def refuse(self, caller: Caller, permission: Permission, asked: str = "") -> None:
        """Record that `caller` lacks `permission`, and raise FORBIDDEN."""
        self.denied(caller, Deed(permission, target_name=asked[:_LONGEST]))
        raise lacking(caller, permission)

    def denied(self, caller: Caller, deed: Deed) -> None:
        """Record that `caller` was refused `deed`."""
        self._recorder().denied(caller, deed, ErrorCode.FORBIDDEN)

    def refuse_token(self, caller: Caller, deed: Deed) -> None:
        """Record and raise FORBIDDEN where `caller` is a CI token: with one that makes credentials,
        whoever copied it could outlast its end."""
        if caller.token_id:
            self.denied(caller, deed)
            raise ContctlError(
                ErrorCode.FORBIDDEN,
                f"a CI token cannot make credentials: {deed.action} needs a session",
                hint="log in, and do it without a CI token in the environment",
            )


def lacking(caller: Caller, permission: Permission) -> ContctlError:
    """FORBIDDEN for `caller`, who lacks `permission`."""
    roles = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
    remedy = "both the token and its owner need it" if caller.token_id else "an admin can grant it"
    return ContctlError(
        ErrorCode.FORBIDDEN,
        f"you are not allowed to do this: {caller.title} lacks {permission}",
        hint=f"the role '{roles[0]}' has it; {remedy}",
    )


@contextmanager
def _initialised() -> Iterator[None]:
    try:
        yield
    except ContctlError as error:
        if error.reason != "absent":
            raise
        raise not_authenticated(
            "not logged in: contctl is not initialised here yet", "run 'contctl init' first"
        ) from error
