"""Tokens as an attacker or a faulty program might make them, without PyJWT."""

import base64
import hmac
import json
from typing import Any

from contctl.core.domain.tokens import Claims, KeySet, TokenKind

KEYS = KeySet("key-1", {"key-1": b"1" * 32, "key-0": b"0" * 32})
OTHER_KEYS = KeySet("key-1", {"key-1": b"x" * 32, "key-0": b"y" * 32})


def segment(content: bytes) -> str:
    """base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def compact(value: object) -> bytes:
    """The JSON text of `value`, without spaces."""
    return json.dumps(value, separators=(",", ":")).encode("utf-8")


def kind_key(kind: TokenKind, key_id: str = "key-1", keys: KeySet = KEYS) -> bytes:
    """The key for a kind, derived by RFC 5869's formula."""
    return hmac.digest(keys.keys[key_id], f"contctl-{kind}+jwt".encode() + b"\x01", "sha256")


def header(kind: TokenKind, **changes: Any) -> dict[str, Any]:
    """A right header, but for `changes`."""
    return {"alg": "HS256", "kid": "key-1", "typ": f"contctl-{kind}+jwt", **changes}


def payload(claims: Claims, **changes: Any) -> dict[str, Any]:
    """The right claims, but for `changes`."""
    return {
        "iss": claims.issuer,
        "aud": f"contctl:{claims.kind}",
        "sub": claims.user_id,
        "sid": claims.session_id,
        "jti": claims.token_id,
        "gen": claims.generation,
        "iat": claims.issued_at,
        "nbf": claims.issued_at,
        "exp": claims.expires_at,
        **changes,
    }


def signed(header_text: bytes, payload_text: bytes, key: bytes, digest: str = "sha256") -> str:
    """A token of these two texts with a right signature by `key`."""
    content = f"{segment(header_text)}.{segment(payload_text)}"
    return f"{content}.{segment(hmac.digest(key, content.encode('ascii'), digest))}"
