"""The use cases on CI tokens."""

import secrets

from contctl.core.answers import NewToken, OwnedToken, TokenStatus
from contctl.core.api import Refs
from contctl.core.domain.ci_tokens import (
    ID_BYTES,
    PREFIX,
    SECRET_BYTES,
    CiToken,
    check_lifetime,
    check_token_name,
    digest,
    is_live,
    token_text,
)
from contctl.core.domain.grants import Scope, check_scope, describe, holds
from contctl.core.domain.roles import Permission, Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.access import caller_by_token
from contctl.core.services.caller import Caller, Deed
from contctl.core.services.shared import Shared


class CiTokenService:
    """Implements the inbound port `CiTokens`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def create(self, name: str, role: Role, scope: Scope, lifetime: int) -> NewToken:
        caller = self._shared.access.caller()
        self._shared.access.refuse_token(caller, Deed("token:create", target_name=name[:64]))
        check_token_name(name)
        check_scope(scope)
        check_lifetime(lifetime)
        chosen = secrets.token_bytes(ID_BYTES)
        text = token_text(chosen, secrets.token_bytes(SECRET_BYTES))
        now = self._now()
        token = CiToken(chosen.hex(), caller.user.id, name, role, now, now + lifetime, scope)
        deed = Deed("token:create", token.id, name, f"{role} on {describe(scope)}")
        with self._shared.recorder.recorded(caller, deed):
            self._ports.ci_tokens.add(token, digest(text))
        return NewToken(token, caller.user, text)

    def list(self, user: str | None) -> tuple[OwnedToken, ...]:
        caller = self._shared.access.caller()
        owner = caller.user
        if caller.token_id or user not in (None, owner.name):
            self._shared.access.require(Permission.TOKEN_MANAGE, user or "")
            owner = self._shared.user_named(user) if user is not None else owner
        live = self._ports.ci_tokens.live(owner.id, self._now())
        return tuple(OwnedToken(token, owner) for token in live)

    def revoke(self, token_ids: Refs) -> tuple[ContctlError | None, ...]:
        caller = self._shared.access.caller()
        return tuple(self._revoke(caller, token_id) for token_id in token_ids)

    def current(self) -> TokenStatus | None:
        given = self._ports.environment_token
        if given is None:
            return None
        holder = self._shared.access.holder(given)
        grants = caller_by_token(holder).grants
        return TokenStatus(
            issuer=self._ports.store.identity(),
            variable=given.variable,
            token=holder.token,
            owner=holder.owner,
            roles=tuple(dict.fromkeys(grant.role for grant in grants)),
        )

    def _revoke(self, caller: Caller, token_id: str) -> ContctlError | None:
        if token_id.startswith(PREFIX):
            return ContctlError(ErrorCode.NOT_FOUND, "that is a token, and not the ID of one")
        token = self._ports.ci_tokens.get(token_id)
        now = self._now()
        if token is None or not self._may_revoke(caller, token) or not is_live(token, now):
            return ContctlError(ErrorCode.NOT_FOUND, f"no such token: {token_id}")
        with self._shared.recorder.recorded(caller, Deed("token:revoke", token_id, token.name)):
            self._ports.ci_tokens.revoke(token_id, now)
        return None

    def _may_revoke(self, caller: Caller, token: CiToken) -> bool:
        own = token.user_id == caller.user.id and not caller.token_id
        return own or holds(caller.grants, Permission.TOKEN_MANAGE)

    def _now(self) -> int:
        return int(self._ports.clock.now())
