"""Slow hashes of passwords: argon2id (RFC 9106) by argon2-cffi with its defaults."""

import os
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from contctl.core.domain.passwords import check_new_password, fits
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MAX_MEMORY = 256 * 1024
"""KiB; four times the default, about 0.3 s for each pass over it."""
MAX_PASSES = 10
MAX_LANES = 16

_ENCODED = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})"
    # A salt of 8 to 64 bytes and a hash of 16 to 64, in base64 without padding.
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}",
    re.ASCII,
)
_STAND_IN = "no password"


class Argon2Hasher:
    """PasswordHasher over argon2-cffi, with the parameters that it recommends.

    parameters: argon2-cffi's own, such as `time_cost`, where they are to be others.
    """

    def __init__(self, **parameters: Any) -> None:
        self._parameters = parameters

    def hash(self, password: Secret) -> str:
        """The encoded hash with a fresh salt; ContctlError USAGE for a password that does not fit,
        STORE where there is not the memory for it."""
        from argon2.exceptions import HashingError

        check_new_password(password, min_length=0)
        try:
            return self._hasher().hash(password.reveal())
        except HashingError as error:
            raise ContctlError(ErrorCode.STORE, "the password could not be hashed") from error

    def verify(self, password_hash: str, password: Secret) -> bool:
        """Whether `password` fits the hash; one that may not be hashed does not, at the same cost.

        ContctlError STORE for a hash that is not one, or whose parameters cost too much.
        """
        from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

        _check_cost(password_hash)
        hashable = fits(password)
        try:
            self._hasher().verify(password_hash, password.reveal() if hashable else _STAND_IN)
        except VerifyMismatchError:
            return False
        # InvalidHashError is a ValueError, not a VerificationError.
        except (VerificationError, InvalidHashError):
            raise _damaged() from None
        return hashable

    def decoy(self) -> str:
        """A hash of the present parameters that no password is known to fit; nothing is computed,
        so that verifying it costs what verifying a user's own hash does."""
        hasher = self._hasher()
        salt, digest = (
            b64encode(os.urandom(length)).rstrip(b"=").decode("ascii")
            for length in (hasher.salt_len, hasher.hash_len)
        )
        parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        return f"$argon2id$v=19${parameters}${salt}${digest}"

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are used now.

        ContctlError STORE as `verify`.
        """
        from argon2.exceptions import InvalidHashError

        _check_cost(password_hash)
        try:
            return self._hasher().check_needs_rehash(password_hash)
        except InvalidHashError:
            raise _damaged() from None

    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher

        return PasswordHasher(**self._parameters)


def _check_cost(password_hash: str) -> None:
    """Refuse, before anything is computed, a hash that was planted to cost minutes or memory."""
    found = _ENCODED.fullmatch(password_hash)
    if found is None:
        raise _damaged()
    memory, passes, lanes = (int(number) for number in found.groups())
    if memory > MAX_MEMORY or passes > MAX_PASSES or lanes > MAX_LANES:
        raise _damaged()


def _damaged() -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        "a stored password hash is damaged",
        hint="an admin can set a new password with 'contctl user passwd'",
    )
