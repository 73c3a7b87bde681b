"""The signing keys in one private file, outside the database."""

import base64
import binascii
import json
import secrets
from pathlib import Path

from contctl.backends.files import check_folder, create_private, ensure_folder, read_private
from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Clock

KEY_BYTES = 32
"""An HS256 key has at least the size of the hash, 256 bits (RFC 7518, section 3.2)."""


class SigningKeyFile:
    """KeyStore in `signing.json`:

    {"current": kid, "keys": {kid: {"secret": base64url without padding, "created_at": seconds}}}
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._path = folder / "signing.json"
        self._clock = clock

    def load(self) -> KeySet:
        """All keys; ContctlError STORE, reasons `absent`, `not-private` and `damaged`."""
        check_folder(self._folder)
        try:
            return _parsed(read_private(self._path))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not chained: the cause may quote a key.
            raise ContctlError(
                ErrorCode.STORE,
                f"the signing keys in {self._path} are damaged",
                hint="restore the file from a backup",
                details={"reason": "damaged"},
            ) from None

    def ensure(self) -> KeySet:
        """All keys; a first one is made where there is none. Of many at once all get the same."""
        ensure_folder(self._folder)
        try:
            return self.load()
        except ContctlError as error:
            if error.reason != "absent":
                raise
        create_private(self._path, self._first())
        return self.load()

    def _first(self) -> bytes:
        secret = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=")
        key = {"secret": secret.decode("ascii"), "created_at": int(self._clock.now())}
        key_id = secrets.token_hex(8)
        return json.dumps({"current": key_id, "keys": {key_id: key}}, indent=2).encode("ascii")


def _parsed(content: bytes) -> KeySet:
    value = json.loads(content)
    keys = {key_id: _secret(key) for key_id, key in value["keys"].items()}
    current = value["current"]
    if current not in keys:
        raise ValueError("the current key is not among the keys")
    return KeySet(current, keys)


def _secret(key: dict[str, object]) -> bytes:
    text, created_at = key["secret"], key["created_at"]
    if not isinstance(text, str) or type(created_at) is not int:
        raise TypeError("a key of the wrong types")
    try:
        secret = base64.b64decode(text.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("a key that is not base64url") from None
    if len(secret) != KEY_BYTES:
        raise ValueError("a key of another size")
    return secret
