"""Failed logins in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.throttle import attempt

if TYPE_CHECKING:
    from tests.fakes.store import Content


class FakeLoginThrottle:
    """LoginThrottle in the content of a fake store."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def attempt(self, account: str, peer: str, now: int) -> bool:
        """Count an attempt, and say whether it may be judged."""
        with self._content.writing():
            key = account, peer
            may, self._content.failures[key] = attempt(self._content.failures.get(key), now)
            return may

    def clear(self, account: str, peer: str) -> None:
        """Forget the failures of an account from one peer."""
        with self._content.writing():
            self._content.failures.pop((account, peer), None)

    def clear_account(self, account: str) -> None:
        """Forget the failures of an account from everywhere."""
        with self._content.writing():
            failures = self._content.failures
            self._content.failures = {key: failures[key] for key in failures if key[0] != account}
