"""Checking and setting passwords, at the same cost whoever asks."""

from dataclasses import dataclass

from contctl.core.domain.accounts import User
from contctl.core.domain.passwords import normalised
from contctl.core.domain.secret import Secret
from contctl.core.ports import Ports


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a password. user: None where it does not let anybody in.

    throttled: whether that is because too many attempts failed before; only for the audit log.
    """

    user: User | None
    throttled: bool


class Passwords:
    """The users' passwords."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._users = ports.users
        self._hasher = ports.hasher

    def hash(self, password: Secret) -> str:
        """The hash to store for a new password that fits."""
        return self._hasher.hash(normalised(password))

    def check(self, user: User | None, password: Secret, peer: str) -> Verdict:
        """Who may come in: `user`, if enabled, the password is right and not too many attempts from
        `peer` have failed. None: whoever was named is nobody; those attempts are counted together.

        Every attempt that fails costs one write, one read and one verification, so that the time
        does not tell which users are there, or why it failed (OWASP, Authentication Cheat Sheet,
        "Authentication Responses"). It is counted before it is verified, or many at once would all
        be judged.
        """
        password = normalised(password)
        account = user.name if user else ""
        may = self._ports.throttle.attempt(account, peer, int(self._ports.clock.now()))
        stored = self._users.password_hash(user.id if user else "")
        verified = self._hasher.verify(stored or self._hasher.decoy(), password)
        if not may:
            return Verdict(None, throttled=True)
        if user is None or stored is None or not verified or not user.enabled:
            return Verdict(None, throttled=False)
        self._ports.throttle.clear(account, peer)
        if self._hasher.needs_rehash(stored):
            self._users.set_password_hash(user.id, self._hasher.hash(password))
        return Verdict(user, throttled=False)
