"""Checking and setting passwords, at the same cost whoever asks."""

from contctl.core.domain.accounts import User
from contctl.core.domain.secret import Secret
from contctl.core.ports import PasswordHasher, UserRepository


class Passwords:
    """The users' passwords."""

    def __init__(self, users: UserRepository, hasher: PasswordHasher) -> None:
        self._users = users
        self._hasher = hasher

    def hash(self, password: Secret) -> str:
        """The hash to store for a new password that fits."""
        return self._hasher.hash(password)

    def check(self, username: str, password: Secret) -> User | None:
        """The enabled user of that name if the password is right, else None.

        One verification is paid for in every case, so that the time does not tell which users are
        there (OWASP, authentication responses).
        """
        user = self._users.by_name(username)
        stored = self._users.password_hash(user.id) if user else None
        verified = self._hasher.verify(stored or self._hasher.decoy(), password)
        if user is None or stored is None or not verified or not user.enabled:
            return None
        if self._hasher.needs_rehash(stored):
            self._users.set_password_hash(user.id, self._hasher.hash(password))
        return user
