"""Tokens that are only looked up."""

import hashlib

from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import LEEWAY, Claims, TokenKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Clock


class FakeCodec:
    """TokenCodec that remembers what it encoded; another object's tokens are foreign to it.

    keys: the ids of the keys that it knows. key: the id of the current one.
    """

    def __init__(self, clock: Clock, *keys: str) -> None:
        self.keys = keys or ("key-1",)
        self.key = self.keys[0]
        self._clock = clock
        self._issued: dict[str, Claims] = {}

    def encode(self, claims: Claims, key_id: str) -> Secret:
        """A text that names the claims; STORE for an unknown key."""
        if key_id not in self.keys:
            raise ContctlError(ErrorCode.STORE, "a signing key is missing from the key store")
        digest = hashlib.sha256(repr((id(self), claims, key_id)).encode()).hexdigest()
        token = f"fake.{claims.kind}.{digest}"
        self._issued[token] = claims
        return Secret(token)

    def decode(self, token: Secret, kind: TokenKind, issuer: str) -> Claims:
        """The claims of a token that this object encoded."""
        claims = self._issued.get(token.reveal())
        if claims is None or (claims.kind, claims.issuer) != (kind, issuer):
            raise _not_valid()
        if claims.issued_at > self._clock.now() + LEEWAY:
            raise _not_valid()
        return claims

    def current_key(self) -> str:
        """The id in `key`."""
        return self.key


def _not_valid() -> ContctlError:
    return ContctlError(
        ErrorCode.NOT_AUTHENTICATED, "the token is not valid", hint="run 'contctl login'"
    )
