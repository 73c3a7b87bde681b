"""Password hashes that cost nothing."""

import hashlib
import secrets

from contctl.core.domain.passwords import check_new_password, fits
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode


class FakeHasher:
    """PasswordHasher of one quick hash: `$fake$<version>$<salt>$<digest>`.

    version: its only parameter; another one makes `needs_rehash` true. verified: how many times
    `verify` did the work, whatever came of it.
    """

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.verified = 0

    def hash(self, password: Secret) -> str:
        """The encoded hash, with a fresh salt."""
        check_new_password(password, min_length=0)
        salt = secrets.token_hex(8)
        return f"$fake${self.version}${salt}${_digest(salt, password)}"

    def verify(self, password_hash: str, password: Secret) -> bool:
        """Whether it fits; counted in `verified`."""
        _, salt, digest = _parse(password_hash)
        self.verified += 1
        return fits(password) and _digest(salt, password) == digest

    def decoy(self) -> str:
        """A digest that nothing was hashed to."""
        return f"$fake${self.version}${secrets.token_hex(8)}${'0' * 64}"

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether it was made by another version."""
        return _parse(password_hash)[0] != str(self.version)


def _digest(salt: str, password: Secret) -> str:
    return hashlib.sha256(f"{salt}{password.reveal()}".encode()).hexdigest()


def _parse(password_hash: str) -> tuple[str, str, str]:
    parts = password_hash.split("$")
    if len(parts) != 5 or parts[:2] != ["", "fake"]:
        raise ContctlError(ErrorCode.STORE, "a stored password hash is damaged")
    return parts[2], parts[3], parts[4]
