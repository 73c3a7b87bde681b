"""Keys in one private file, outside the database: signing keys, and those of the audit log."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contctl.backends.files import (
    check_folder,
    create_private,
    ensure_folder,
    read_private,
    update_private,
)
from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.domain.keys import KeyChange, RetiredKey
    from contctl.core.ports import Clock

KEY_BYTES = 32
"""An HS256 key has at least the size of the hash, 256 bits (RFC 7518, section 3.2)."""


class SigningKeyFile:
    """KeyStore in a file of `folder`:

    {"current": kid, "keys": {kid: {"secret": base64url without padding, "created_at": seconds,
    "retired_at": seconds, but for the current one}}}

    folder: 0700, made where it is missing.  name: of the file in it.
    """

    def __init__(self, folder: Path, clock: Clock, name: str = "signing.json") -> None:
        self._folder = folder
        self._path = folder / name
        self._clock = clock

    def load(self) -> KeySet:
        """All keys; ContctlError STORE, reasons `absent`, `not-private` and `damaged`."""
        check_folder(self._folder)
        document = self._parsed(read_private(self._path))
        keys = {key_id: _secret(key) for key_id, key in document["keys"].items()}
        return KeySet(document["current"], keys)

    def ensure(self) -> KeySet:
        """All keys; a first one is made where there is none. Of many at once all get the same."""
        ensure_folder(self._folder)
        try:
            return self.load()
        except ContctlError as error:
            if error.reason != "absent":
                raise
        key_id, key = self._new_key()
        create_private(self._path, _to_json({"current": key_id, "keys": {key_id: key}}))
        return self.load()

    def rotate(self, keep: Callable[[RetiredKey], bool]) -> KeyChange:
        """Make a new current key, and drop the older ones that `keep` says no to. Whoever loads the
        keys finds all of this done, or nothing; ContctlError STORE as `load`."""
        check_folder(self._folder)
        changes: list[KeyChange] = []

        def change(content: bytes) -> bytes:
            document = self._parsed(content)
            changes.append(self._rotated(document, keep))
            return _to_json(document)

        update_private(self._path, change)
        return changes[-1]

    def _rotated(self, document: dict[str, Any], keep: Callable[[RetiredKey], bool]) -> KeyChange:
        from contctl.core.domain.keys import KeyChange, RetiredKey

        keys = document["keys"]
        for key in keys.values():
            key.setdefault("retired_at", int(self._clock.now()))
        kept = [each for each in keys if keep(RetiredKey(each, keys[each]["retired_at"]))]
        dropped = [each for each in keys if each not in kept]
        key_id, key = self._new_key()
        document["current"] = key_id
        document["keys"] = {key_id: key, **{each: keys[each] for each in kept}}
        return KeyChange(key_id, tuple(kept), tuple(dropped))

    def _new_key(self) -> tuple[str, dict[str, object]]:
        import secrets

        secret = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=")
        key: dict[str, object] = {
            "secret": secret.decode("ascii"),
            "created_at": int(self._clock.now()),
        }
        return secrets.token_hex(8), key

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            return _checked(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not chained: the cause may quote a key.
            raise ContctlError(
                ErrorCode.STORE,
                f"the keys in {self._path} are damaged",
                hint="restore the file from a backup",
                details={"reason": "damaged"},
            ) from None


def _to_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode("ascii")


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    """`document` itself; raises what the look-ups raise where it is damaged."""
    for key in document["keys"].values():
        _secret(key)
        if type(key.get("retired_at", 0)) is not int:
            raise TypeError("a key of the wrong types")
    if document["current"] not in document["keys"]:
        raise ValueError("the current key is not among the keys")
    return document


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
