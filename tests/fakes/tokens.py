"""Tokens that are only looked up."""

import hashlib
from collections.abc import Callable

from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import LEEWAY, Claims, KeySet, TokenKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Clock


class FakeCodec:
    """TokenCodec that remembers what it encoded; another object's tokens are foreign to it.

    keys: gives the KeySet, asked at each use.
    """

    def __init__(self, clock: Clock, keys: Callable[[], KeySet]) -> None:
        self._keys = keys
        self._clock = clock
        self._issued: dict[str, tuple[Claims, str]] = {}

    def encode(self, claims: Claims, key_id: str) -> Secret:
        """A text that names the claims; STORE for an unknown key."""
        if key_id not in self._keys().keys:
            raise ContctlError(ErrorCode.STORE, "a signing key is missing from the key store")
        digest = hashlib.sha256(repr((id(self), claims, key_id)).encode()).hexdigest()
        token = f"fake.{claims.kind}.{digest}"
        self._issued[token] = (claims, key_id)
        return Secret(token)

    def decode(self, token: Secret, kind: TokenKind, issuer: str) -> Claims:
        """The claims of a token that this object encoded, while its key is there."""
        claims, key_id = self._issued.get(token.reveal(), (None, ""))
        if claims is None or (claims.kind, claims.issuer) != (kind, issuer):
            raise _not_valid()
        if key_id not in self._keys().keys:
            raise _not_valid()
        if claims.issued_at > self._clock.now() + LEEWAY:
            raise _not_valid()
        return claims

    def current_key(self) -> str:
        """The id of the key that signs."""
        return self._keys().current


def _not_valid() -> ContctlError:
    return ContctlError(
        ErrorCode.NOT_AUTHENTICATED, "the token is not valid", hint="run 'contctl login'"
    )
