"""What is verified here without PyJWT, PyJWT verifies alike."""

import jwt
from hypothesis import given
from hypothesis import strategies as st

from contctl.backends.jwt import ALGORITHM, JwtCodec, derive_key
from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import Claims, KeySet, TokenKind
from contctl.core.errors import ContctlError
from tests.fakes.clock import FakeClock

KEYS = KeySet("first", {"first": b"1" * 32, "second": b"2" * 32})
ISSUER = "6f1c1f0e-6f6b-4c56-9d5e-0d3f6a1f2b3c"
CLOCK = FakeClock()
NOW = int(CLOCK.now())
codec = JwtCodec(lambda: KEYS, CLOCK)
kinds = st.sampled_from(TokenKind)


def genuine(kind: TokenKind, generation: int, key_id: str) -> str:
    claims = Claims(kind, ISSUER, "user", "session", generation, NOW, NOW + 600)
    return codec.encode(claims, key_id).reveal()


def pyjwt_accepts(token: str, kind: TokenKind, key_id: str) -> bool:
    """Whether PyJWT finds the signature right, under the key for `kind`."""
    key = derive_key(KEYS.keys[key_id], kind)
    try:
        jwt.PyJWS(algorithms=[ALGORITHM]).decode(token, key, algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        return False
    return True


def accepts(token: str, kind: TokenKind) -> bool:
    """Whether contctl finds it genuine."""
    try:
        codec.decode(Secret(token), kind, ISSUER)
    except ContctlError:
        return False
    return True


@given(kinds, st.integers(1, 1000), st.sampled_from(sorted(KEYS.keys)))
def test_both_accept_what_was_signed(kind: TokenKind, generation: int, key_id: str) -> None:
    token = genuine(kind, generation, key_id)
    assert accepts(token, kind)
    assert pyjwt_accepts(token, kind, key_id)


@given(kinds, kinds, st.data())
def test_what_pyjwt_refuses_is_refused(
    signed: TokenKind, asked: TokenKind, data: st.DataObject
) -> None:
    token = genuine(signed, 1, "first")
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + data.draw(st.characters(codec="ascii")) + token[at + 1 :]
    if not pyjwt_accepts(changed, asked, "first"):
        assert not accepts(changed, asked)
    if accepts(changed, asked):
        assert (changed, asked) == (token, signed)
