"""The contract of TokenCodec, for the real one and the fake."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from contctl.backends.jwt import JwtCodec, derive_key
from contctl.core.domain.tokens import KeySet, TokenKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import TokenCodec
from tests.contracts.token_codec import CLAIMS, TokenCodecContract
from tests.fakes.clock import FakeClock
from tests.fakes.tokens import FakeCodec
from tests.tokens.forge import KEYS, OTHER_KEYS, compact, header, kind_key, payload, signed


class TestJwtCodec(TokenCodecContract):
    @pytest.fixture
    def codec(self, clock: FakeClock) -> TokenCodec:
        return JwtCodec(lambda: KEYS, clock)

    @pytest.fixture
    def stranger(self, clock: FakeClock) -> TokenCodec:
        return JwtCodec(lambda: OTHER_KEYS, clock)

    def test_the_text_is_the_one_that_the_rfcs_describe(self, codec: TokenCodec) -> None:
        expected = signed(
            compact(header(TokenKind.ACCESS)), compact(payload(CLAIMS)), kind_key(TokenKind.ACCESS)
        )
        assert codec.encode(CLAIMS, "key-1").reveal() == expected

    @pytest.mark.parametrize("kind", TokenKind)
    def test_keys_are_derived_by_hkdf(self, kind: TokenKind) -> None:
        info = f"contctl-{kind}+jwt".encode()
        expected = HKDFExpand(SHA256(), 32, info).derive(KEYS.keys["key-1"])
        assert derive_key(KEYS.keys["key-1"], kind) == expected

    def test_a_missing_key_is_said(self, codec: TokenCodec) -> None:
        with pytest.raises(ContctlError) as caught:
            codec.encode(CLAIMS, "key-2")
        assert caught.value.message == "a signing key is missing from the key store"
        assert caught.value.hint == (
            "restore the keys from a backup, or run 'contctl login' for a new session"
        )

    def test_a_failing_key_store_is_not_a_bad_token(self, clock: FakeClock) -> None:
        def no_keys() -> KeySet:
            raise ContctlError(ErrorCode.STORE, "the keys are gone")

        codec = JwtCodec(no_keys, clock)
        token = JwtCodec(lambda: KEYS, clock).encode(CLAIMS, "key-1")
        with pytest.raises(ContctlError) as caught:
            codec.decode(token, TokenKind.ACCESS, CLAIMS.issuer)
        assert caught.value.code is ErrorCode.STORE


class TestFakeCodec(TokenCodecContract):
    @pytest.fixture
    def codec(self, clock: FakeClock) -> TokenCodec:
        return FakeCodec(clock, lambda: KEYS)

    @pytest.fixture
    def stranger(self, clock: FakeClock) -> TokenCodec:
        return FakeCodec(clock, lambda: KEYS)
