"""Signing keys in memory."""

from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode


class FakeKeyStore:
    """KeyStore whose keys are known: the key `key-1`, once there is one.

    keys: what is kept; a test may replace it.
    """

    def __init__(self) -> None:
        self.keys: KeySet | None = None

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
