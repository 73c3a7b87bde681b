"""Signing keys in memory."""

from collections.abc import Callable

from contctl.core.domain.keys import KeyChange, RetiredKey
from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Clock


class FakeKeyStore:
    """KeyStore whose keys are known: the key `key-1`, once there is one, then `key-2` and so on.

    keys: what is kept; a test may replace it.
    """

    def __init__(self, clock: Clock) -> None:
        self.keys: KeySet | None = None
        self._clock = clock
        self._made = 1
        self._retired_at: dict[str, int] = {}

    def load(self) -> KeySet:
        """The keys; STORE, reason `absent`, before `ensure`."""
        if self.keys is None:
            raise ContctlError(
                ErrorCode.STORE, "there are no signing keys", details={"reason": "absent"}
            )
        return self.keys

    def ensure(self) -> KeySet:
        """The keys, made now where there were none."""
        if self.keys is None:
            self.keys = KeySet("key-1", {"key-1": b"1" * 32})
        return self.keys

    def rotate(self, keep: Callable[[RetiredKey], bool]) -> KeyChange:
        """A new current key, and of the older ones those to keep."""
        older = self.load()
        self._retired_at[older.current] = int(self._clock.now())
        kept = {
            key_id: key
            for key_id, key in older.keys.items()
            if keep(RetiredKey(key_id, self._retired_at[key_id]))
        }
        self._made += 1
        current = f"key-{self._made}"
        self.keys = KeySet(current, {current: bytes([self._made]) * 32, **kept})
        dropped = tuple(key_id for key_id in older.keys if key_id not in kept)
        return KeyChange(current, tuple(kept), dropped)
