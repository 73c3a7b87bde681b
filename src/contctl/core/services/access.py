"""Who is calling, and whether they may: every use case asks here first."""

from collections.abc import Callable

from contctl.core.domain.grants import holds
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStores, Identity, Store
from contctl.core.services.authority import Authority, not_authenticated
from contctl.core.services.record import Caller, Deed, Recorder

_LONGEST = 200


def issuer_of(store: Store) -> str:
    """The store's identity; without a store nobody can be logged in (NOT_AUTHENTICATED)."""
    try:
        return store.identity()
    except ContctlError as error:
        if error.reason != "absent":
            raise
        raise not_authenticated(
            "not logged in: contctl is not initialised here yet", "run 'contctl init' first"
        ) from error


class Access:
    """The caller of one API object: its token is read once, what the token is worth every time."""

    def __init__(
        self,
        authority: Callable[[], Authority],
        stores: CredentialStores,
        recorder: Callable[[], Recorder],
        environment_token: Callable[[], str | None],
    ) -> None:
        self._authority = authority
        self._stores = stores
        self._recorder = recorder
        self._environment_token = environment_token
        self._token: Secret | None = None

    def identity(self) -> Identity:
        """The caller, session and grants as the store has them now, or NOT_AUTHENTICATED."""
        authority = self._authority()
        if self._token is None:
            self._token = self._stored_token(authority.issuer)
        return authority.accept_access(self._token)

    def forget(self) -> None:
        """Read the token anew the next time: the stored one has changed."""
        self._token = None

    def _stored_token(self, issuer: str) -> Secret:
        variable = self._environment_token()
        if variable is not None:
            # Going on as whoever is logged in here would be doing it under another name.
            raise not_authenticated(
                f"{variable} is set, and this version takes no CI tokens", f"unset {variable}"
            )
        credential = self._stores.choose(None, issuer).read(issuer)
        if credential is None:
            raise not_authenticated("not logged in")
        return credential.access

    def caller(self) -> Caller:
        """The caller as records name it, or NOT_AUTHENTICATED."""
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
        roles = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
        raise ContctlError(
            ErrorCode.FORBIDDEN,
            f"you are not allowed to do this: {caller.user.name} lacks {permission}",
            hint=f"the role '{roles[0]}' has it; an admin can grant it",
        )

    def denied(self, caller: Caller, deed: Deed) -> None:
        """Record that `caller` was refused `deed`."""
        self._recorder().denied(caller, deed, ErrorCode.FORBIDDEN)
