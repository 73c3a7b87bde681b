"""What every TokenCodec does."""

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import LEEWAY, Claims, TokenKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import TokenCodec
from tests.fakes.clock import FakeClock

NOW = 1_700_000_000
ISSUER = "6f1c1f0e-6f6b-4c56-9d5e-0d3f6a1f2b3c"
CLAIMS = Claims(
    kind=TokenKind.ACCESS,
    issuer=ISSUER,
    user_id="0b0e7a53-8a5a-4f3a-8f43-6a6a1f6f7c11",
    session_id="3f8f8d0e-18b7-4a3c-9a63-0b6a2d9d8e22",
    generation=3,
    issued_at=NOW,
    expires_at=NOW + 600,
)


def refused(codec: TokenCodec, token: str, kind: TokenKind = TokenKind.ACCESS) -> bool:
    """Whether `codec` refuses `token` as it should; any other exception passes."""
    try:
        codec.decode(Secret(token), kind, ISSUER)
    except ContctlError as error:
        shown = (error.code, error.message, error.details, error.__cause__)
        return shown == (ErrorCode.NOT_AUTHENTICATED, "the token is not valid", {}, None)
    return False


class TokenCodecContract(ABC):
    """Inherit it and say what codecs to test, all of them at the time of `clock`."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock(NOW)

    @pytest.fixture
    @abstractmethod
    def codec(self, clock: FakeClock) -> TokenCodec:
        """The codec to test; it knows the keys `key-1`, which is current, and `key-0`."""

    @pytest.fixture
    @abstractmethod
    def stranger(self, clock: FakeClock) -> TokenCodec:
        """The codec of another store, whose keys have the same ids."""

    @pytest.mark.parametrize("kind", TokenKind)
    @pytest.mark.parametrize("key_id", ["key-0", "key-1"])
    def test_decodes_what_it_encoded(self, codec: TokenCodec, kind: TokenKind, key_id: str) -> None:
        claims = replace(CLAIMS, kind=kind)
        assert codec.decode(codec.encode(claims, key_id), kind, ISSUER) == claims

    def test_names_the_current_key(self, codec: TokenCodec) -> None:
        assert codec.current_key() == "key-1"

    def test_encodes_the_same_each_time(self, codec: TokenCodec) -> None:
        assert codec.encode(CLAIMS, "key-1") == codec.encode(CLAIMS, "key-1")
        assert codec.encode(CLAIMS, "key-1") != codec.encode(CLAIMS, "key-0")
        later = replace(CLAIMS, generation=4)
        assert codec.encode(CLAIMS, "key-1") != codec.encode(later, "key-1")

    def test_an_unknown_key_cannot_sign(self, codec: TokenCodec) -> None:
        with pytest.raises(ContctlError) as caught:
            codec.encode(CLAIMS, "key-2")
        assert caught.value.code is ErrorCode.STORE

    def test_one_kind_is_not_the_other(self, codec: TokenCodec) -> None:
        refresh = replace(CLAIMS, kind=TokenKind.REFRESH)
        assert refused(codec, codec.encode(refresh, "key-1").reveal(), TokenKind.ACCESS)
        assert refused(codec, codec.encode(CLAIMS, "key-1").reveal(), TokenKind.REFRESH)

    def test_another_issuer_is_refused(self, codec: TokenCodec) -> None:
        other = replace(CLAIMS, issuer=ISSUER[::-1])
        assert refused(codec, codec.encode(other, "key-1").reveal())

    def test_another_store_is_refused(self, codec: TokenCodec, stranger: TokenCodec) -> None:
        assert refused(codec, stranger.encode(CLAIMS, "key-1").reveal())

    def test_an_expired_token_decodes(self, codec: TokenCodec, clock: FakeClock) -> None:
        token = codec.encode(CLAIMS, "key-1")
        clock.advance(10**9)
        assert codec.decode(token, TokenKind.ACCESS, ISSUER) == CLAIMS

    def test_a_token_may_be_ahead_of_the_clock_by_the_leeway(
        self, codec: TokenCodec, clock: FakeClock
    ) -> None:
        token = codec.encode(CLAIMS, "key-1")
        clock.advance(-LEEWAY)
        assert codec.decode(token, TokenKind.ACCESS, ISSUER) == CLAIMS
        clock.advance(-1)
        assert refused(codec, token.reveal())

    @pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "\0", "\ud800", "x" * 100_000])
    def test_any_other_text_is_refused(self, codec: TokenCodec, text: str) -> None:
        assert refused(codec, text)
