"""Tokens as JWTs (RFC 7519, RFC 7515) under the best current practice of RFC 8725.

PyJWT signs. What it would let through in a verification (padding, lists of audiences, times as
text, unknown claims, repeated names) is refused here, so that all which is left of one is to
compare two HMACs. Every command does that, and importing PyJWT takes longer than all the rest; the
tests hold the two to the same answers.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import LEEWAY, Claims, KeySet, TokenKind
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.ports import Clock

ALGORITHM = "HS256"
MAX_BYTES = 4096
_MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON parser reads alike (RFC 7493, section 2.2)."""

_TYPES = {TokenKind.ACCESS: "contctl-access+jwt", TokenKind.REFRESH: "contctl-refresh+jwt"}
_AUDIENCES = {TokenKind.ACCESS: "contctl:access", TokenKind.REFRESH: "contctl:refresh"}
_HEADER = frozenset({"alg", "typ", "kid"})
_TEXTS = ("iss", "aud", "sub", "sid", "jti")
_INTEGERS = ("gen", "iat", "nbf", "exp")
_CLAIMS = frozenset(_TEXTS + _INTEGERS)


class _Refused(Exception):
    """A token is not genuine; which rule it broke is told to nobody."""


class JwtCodec:
    """TokenCodec over PyJWT: HS256 only, with a key, `typ` and `aud` of its own for each kind.

    keys: gives the KeySet, asked at each use; its ContctlError STORE passes through.
    """

    def __init__(self, keys: Callable[[], KeySet], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def encode(self, claims: Claims, key_id: str) -> Secret:
        """The signed token of `claims`, the same text each time.

        ContctlError STORE where there is no key of that id.
        """
        from jwt import PyJWS

        key = self._keys().keys.get(key_id)
        if key is None:
            raise ContctlError(
                ErrorCode.STORE,
                "a signing key is missing from the key store",
                hint="restore the keys from a backup, or run 'contctl login' for a new session",
            )
        return Secret(
            PyJWS().encode(
                _to_payload(claims),
                derive_key(key, claims.kind),
                algorithm=ALGORITHM,
                headers={"typ": _TYPES[claims.kind], "kid": key_id},
            )
        )

    def decode(self, token: Secret, kind: TokenKind, issuer: str) -> Claims:
        """The claims of a genuine token of `kind` by `issuer`, also of an expired one.

        ContctlError NOT_AUTHENTICATED, always in the same words, for everything else.
        """
        keys = self._keys().keys
        try:
            payload = _verified_payload(token.reveal(), kind, keys)
            claims = _to_claims(_parse_object(payload), kind, issuer)
            if claims.issued_at > self._clock.now() + LEEWAY:
                raise _Refused
        except _Refused:
            raise ContctlError(
                ErrorCode.NOT_AUTHENTICATED,
                "the token is not valid",
                hint="run 'contctl login'",
            ) from None
        return claims

    def current_key(self) -> str:
        """The id of the key that signs new tokens."""
        return self._keys().current


def derive_key(key: bytes, kind: TokenKind) -> bytes:
    """The 32-byte key for tokens of `kind`: one block of HKDF-Expand (RFC 5869, section 2.3).

    key: 32 uniformly random bytes, so the extract step may be left out (section 3.3).
    """
    return hmac.digest(key, _TYPES[kind].encode("ascii") + b"\x01", "sha256")


def _to_payload(claims: Claims) -> bytes:
    values = {
        "iss": claims.issuer,
        "aud": _AUDIENCES[claims.kind],
        "sub": claims.user_id,
        "sid": claims.session_id,
        "jti": claims.token_id,
        "gen": claims.generation,
        "iat": claims.issued_at,
        "nbf": claims.issued_at,
        "exp": claims.expires_at,
    }
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def _verified_payload(text: str, kind: TokenKind, keys: dict[str, bytes]) -> bytes:
    """The payload of a token whose form, header and signature are right; else _Refused."""
    if len(text) > MAX_BYTES or not text.isascii():
        raise _Refused
    segments = text.split(".")
    if len(segments) != 3:
        raise _Refused
    header, payload, signature = (_decode_segment(segment) for segment in segments)
    key = keys.get(_key_id(_parse_object(header), kind))
    if key is None:
        raise _Refused
    signed = text.rpartition(".")[0].encode("ascii")
    expected = hmac.digest(derive_key(key, kind), signed, "sha256")
    if not hmac.compare_digest(expected, signature):
        raise _Refused
    return payload


def _decode_segment(segment: str) -> bytes:
    """Strict base64url without padding (RFC 7515, section 2): one text for each content."""
    try:
        # More padding than is needed does not matter to Python.
        content = urlsafe_b64decode(segment + "==")
    except ValueError:
        raise _Refused from None
    if urlsafe_b64encode(content).rstrip(b"=") != segment.encode():
        raise _Refused
    return content


def _parse_object(content: bytes) -> dict[str, Any]:
    """A JSON object whose names are all different; else _Refused."""
    try:
        # Only contctl's own encoding is expected, and that is ASCII with \\u escapes.
        value = json.loads(content.decode("ascii"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        raise _Refused from None
    if not isinstance(value, dict):
        raise _Refused
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Refused
    return value


def _key_id(header: dict[str, Any], kind: TokenKind) -> str:
    if header.keys() != _HEADER or header["alg"] != ALGORITHM or header["typ"] != _TYPES[kind]:
        raise _Refused
    key_id = header["kid"]
    if not isinstance(key_id, str):
        raise _Refused
    return key_id


def _to_claims(values: dict[str, Any], kind: TokenKind, issuer: str) -> Claims:
    """The claims, each there, of its type and of the expected value; else _Refused."""
    if values.keys() != _CLAIMS:
        raise _Refused
    if not all(_is_text(values[name]) for name in _TEXTS):
        raise _Refused
    if not all(_is_integer(values[name]) for name in _INTEGERS):
        raise _Refused
    claims = Claims(
        kind=kind,
        issuer=values["iss"],
        user_id=values["sub"],
        session_id=values["sid"],
        generation=values["gen"],
        issued_at=values["iat"],
        expires_at=values["exp"],
    )
    expected = (issuer, _AUDIENCES[kind], claims.token_id, claims.issued_at)
    if (values["iss"], values["aud"], values["jti"], values["nbf"]) != expected:
        raise _Refused
    return claims


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def _is_integer(value: object) -> bool:
    # bool is a subclass of int.
    return type(value) is int and 0 <= value <= _MAX_INTEGER
