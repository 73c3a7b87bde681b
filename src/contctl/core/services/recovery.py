"""Getting in again where no admin can."""

from contctl.core.domain.accounts import Account, User
from contctl.core.domain.grants import is_admin
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.caller import Deed
from contctl.core.services.shared import Shared
from contctl.core.services.streams import Pages

PAGE = 200
_NAMED = 5


class RecoveryService:
    """Implements the inbound port `Recovery`. It trusts whoever runs it: the store's files are
    theirs, or opening it would have failed."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def admin(self, name: str | None) -> User:
        if self._ports.environment_token is not None:
            raise ContctlError(
                ErrorCode.FORBIDDEN,
                "a CI token cannot make credentials: store:recover-admin needs none",
                hint="do it without a CI token in the environment",
            )
        if name is None:
            return self._only_admin()
        user = self._shared.user_named(name)
        if not user.enabled or not is_admin(self._ports.users.grants(user.id)):
            raise ContctlError(
                ErrorCode.CONFLICT,
                f"{user.name} is not an enabled admin",
                hint="only the password of an enabled admin can be reset in this way",
            )
        return user

    def reset(self, name: str, password: Secret) -> User:
        user = self.admin(name)
        self._shared.password_rules.check(user.name, password)
        now = int(self._ports.clock.now())
        deed = Deed("store:recover-admin", user.id, user.name)
        with self._shared.recorder.recorded(None, deed):
            password_hash = self._shared.passwords.hash(password)
            self._ports.users.change_password(user.id, password_hash, now, None)
            self._ports.throttle.clear_account(user.name)
        return user

    def _only_admin(self) -> User:
        def fetch(last: Account | None) -> tuple[Account, ...]:
            return self._ports.users.page(last.user.name if last else "", PAGE)

        admins = [
            account.user
            for account in Pages(fetch)
            if account.user.enabled and is_admin(account.grants)
        ]
        if len(admins) == 1:
            return admins[0]
        if not admins:
            raise ContctlError(ErrorCode.CONFLICT, "there is no enabled admin")
        names = ", ".join(user.name for user in admins[:_NAMED])
        more = ", ..." if len(admins) > _NAMED else ""
        raise ContctlError(
            ErrorCode.USAGE,
            f"there are {len(admins)} enabled admins: say whose password to reset",
            hint=f"name one of {names}{more}",
        )
