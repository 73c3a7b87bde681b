"""Tokens that must not be accepted: the attacks of RFC 8725, section 2, and all damage."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.backends.jwt import MAX_BYTES, JwtCodec
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential
from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import KeySet, TokenKind
from contctl.core.errors import ContctlError
from tests.contracts.token_codec import CLAIMS, ISSUER, NOW, refused
from tests.fakes.clock import FakeClock
from tests.tokens.forge import (
    KEYS,
    OTHER_KEYS,
    compact,
    header,
    kind_key,
    payload,
    segment,
    signed,
)

ACCESS, REFRESH = TokenKind.ACCESS, TokenKind.REFRESH
CODEC = JwtCodec(lambda: KEYS, FakeClock(NOW))
KEY = kind_key(ACCESS)
TOKEN = CODEC.encode(CLAIMS, "key-1").reveal()
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def with_header(**changes: Any) -> str:
    return signed(compact(header(ACCESS, **changes)), compact(payload(CLAIMS)), KEY)


def with_claims(**changes: Any) -> str:
    return signed(compact(header(ACCESS)), compact(payload(CLAIMS, **changes)), KEY)


def with_payload(text: bytes) -> str:
    return signed(compact(header(ACCESS)), text, KEY)


def test_the_forger_can_make_a_right_token() -> None:
    assert with_claims() == TOKEN
    assert not refused(CODEC, with_claims())


def test_is_refused_cut_at_every_place() -> None:
    for at in range(len(TOKEN)):
        assert refused(CODEC, TOKEN[:at])
        assert refused(CODEC, TOKEN[at + 1 :])
        assert refused(CODEC, TOKEN[:at] + TOKEN[at + 1 :])


def test_is_refused_with_any_other_last_character() -> None:
    for at in (len(HEADER) - 1, len(HEADER) + len(PAYLOAD), len(TOKEN) - 1):
        for character in set(BASE64URL) - {TOKEN[at]}:
            assert refused(CODEC, TOKEN[:at] + character + TOKEN[at + 1 :])


@given(at=st.integers(0, len(TOKEN) - 1), character=st.sampled_from(BASE64URL) | st.characters())
def test_is_refused_with_any_other_character(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    assert changed == TOKEN or refused(CODEC, changed)


@given(at=st.integers(0, len(TOKEN)), text=st.text(min_size=1))
def test_is_refused_with_anything_put_in(at: int, text: str) -> None:
    assert refused(CODEC, TOKEN[:at] + text + TOKEN[at:])


@given(st.text(st.characters(exclude_categories=[])) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*"))
def test_any_text_is_refused(text: str) -> None:
    assert refused(CODEC, text)


@given(st.binary(), st.binary())
def test_any_content_is_refused_however_well_signed(head: bytes, body: bytes) -> None:
    assert refused(CODEC, signed(head, body, KEY))
    assert refused(CODEC, with_payload(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(payload(CLAIMS))), value=JSON)
def test_any_other_value_of_a_claim_is_refused(name: str, value: object) -> None:
    free = {"sub", "exp"}
    right = payload(CLAIMS)[name]
    if name in free and type(value) is type(right):
        return
    if type(value) is type(right) and value == right:
        return
    assert refused(CODEC, with_claims(**{name: value}))


@pytest.mark.parametrize("name", sorted(payload(CLAIMS)))
def test_every_claim_is_required(name: str) -> None:
    values = payload(CLAIMS)
    del values[name]
    assert refused(CODEC, with_payload(compact(values)))


@pytest.mark.parametrize("name", ["gen", "iat", "nbf", "exp"])
@pytest.mark.parametrize(
    "value", [True, None, str(NOW), float(NOW), [NOW], {}, -1, 2**53, 10**300, float("nan")]
)
def test_numbers_are_plain_integers(name: str, value: object) -> None:
    assert refused(CODEC, with_claims(**{name: value}))


@pytest.mark.parametrize("value", [0, 2**53 - 1])
def test_numbers_go_as_far_as_every_parser_reads_them(value: int) -> None:
    assert CODEC.decode(Secret(with_claims(exp=value)), ACCESS, ISSUER).expires_at == value


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "sid", "jti"])
@pytest.mark.parametrize("value", [None, "", 1, True, [], {}, "é", "\0", "\ud800", "a\nb", "\x7f"])
def test_texts_are_printable_ascii(name: str, value: object) -> None:
    assert refused(CODEC, with_claims(**{name: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["contctl:access"]},
        {"aud": ["contctl:access", "contctl:refresh"]},
        {"aud": "contctl:refresh"},
        {"iss": [ISSUER]},
        {"jti": f"{CLAIMS.session_id}.4.access"},
        {"jti": CLAIMS.session_id},
        {"nbf": NOW - 1},
        {"nbf": NOW + 31, "iat": NOW + 31},
        {"role": "admin"},
    ],
    ids=str,
)
def test_claims_are_exactly_the_expected_ones(changes: dict[str, Any]) -> None:
    assert refused(CODEC, with_claims(**changes))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, [], ["HS256"], "hs256"])
def test_no_algorithm_but_the_pinned_one_is_named(algorithm: object) -> None:
    assert refused(CODEC, with_header(alg=algorithm))
    unsigned = segment(compact(header(ACCESS, alg=algorithm)))
    assert refused(CODEC, f"{unsigned}.{PAYLOAD}.")
    assert refused(CODEC, f"{unsigned}.{PAYLOAD}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_no_other_algorithm_verifies(algorithm: str, digest: str) -> None:
    changed = compact(header(ACCESS, alg=algorithm))
    assert refused(CODEC, signed(changed, compact(payload(CLAIMS)), KEY, digest))


@pytest.mark.parametrize(
    "key",
    [b"", b"\0", KEYS.keys["key-1"], KEYS.keys["key-0"], kind_key(REFRESH), b"key-1"],
)
def test_no_other_key_verifies(key: bytes) -> None:
    assert refused(CODEC, signed(compact(header(ACCESS)), compact(payload(CLAIMS)), key))


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        "key-2",
        "key-0",
        "../../dev/null",
        "/dev/null",
        "' OR 1=1 --",
        "key-1\0",
        "__class__",
        None,
        1,
        True,
        ["key-1"],
        {"key-1": 1},
    ],
)
def test_the_key_id_is_only_looked_up(key_id: object) -> None:
    assert refused(CODEC, with_header(kid=key_id))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "oct", "k": segment(b"1" * 32)}},
        {"jku": "http://localhost/keys"},
        {"x5u": "http://localhost/certificate"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": NOW},
        {"crit": ["b64"], "b64": False},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_nothing_else_may_stand_in_the_header(extra: dict[str, Any]) -> None:
    assert refused(CODEC, with_header(**extra))
    key = b"1" * 32
    assert refused(CODEC, signed(compact(header(ACCESS, **extra)), compact(payload(CLAIMS)), key))


@pytest.mark.parametrize("name", ["alg", "typ", "kid"])
def test_every_header_is_required(name: str) -> None:
    values = header(ACCESS)
    del values[name]
    assert refused(CODEC, signed(compact(values), compact(payload(CLAIMS)), KEY))


@pytest.mark.parametrize(
    "typ", ["JWT", "at+jwt", "contctl-refresh+jwt", "CONTCTL-ACCESS+JWT", None]
)
def test_the_type_is_pinned(typ: object) -> None:
    assert refused(CODEC, with_header(typ=typ))


@pytest.mark.parametrize("typ", TokenKind)
@pytest.mark.parametrize("audience", TokenKind)
@pytest.mark.parametrize("key", TokenKind)
def test_type_audience_and_key_belong_together(
    typ: TokenKind, audience: TokenKind, key: TokenKind
) -> None:
    token = signed(
        compact(header(typ)), compact(payload(replace(CLAIMS, kind=audience))), kind_key(key)
    )
    for kind in TokenKind:
        accepted = typ is audience is key is kind
        assert refused(CODEC, token, kind) is not accepted


@pytest.mark.parametrize(
    "token",
    [
        TOKEN + "=",
        TOKEN + "==",
        f"{HEADER}=.{PAYLOAD}.{SIGNATURE}",
        f"{HEADER}.{PAYLOAD}=.{SIGNATURE}",
        f"{HEADER}.{PAYLOAD}==.{SIGNATURE}",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN + "\0",
        TOKEN + "\ud800",
        TOKEN + ".",
        "." + TOKEN,
        f"{TOKEN}.{SIGNATURE}",
        f"{HEADER}..{SIGNATURE}",
        f"Bearer {TOKEN}",
        TOKEN.upper(),
        TOKEN.replace(".", "\uff0e"),
        TOKEN + "A" * MAX_BYTES,
        TOKEN * 10_000,
    ],
    ids=range(18),
)
def test_there_is_one_text_for_a_token(token: str) -> None:
    assert refused(CODEC, token)


def test_a_long_token_is_refused_however_well_signed() -> None:
    by_length = {
        len(token): token for token in (with_claims(sub="u" * size) for size in range(2600, 3000))
    }
    longest = max(length for length in by_length if length <= MAX_BYTES)
    assert longest > MAX_BYTES - 3
    assert not refused(CODEC, by_length[longest])
    assert refused(CODEC, by_length[min(length for length in by_length if length > MAX_BYTES)])


@pytest.mark.parametrize("text", [b"[" * 2900, b'{"a":' * 560, b"9" * 2900, b"[" + b"{}," * 900])
def test_deep_or_huge_json_is_refused(text: bytes) -> None:
    assert refused(CODEC, with_payload(text))
    assert refused(CODEC, signed(text, b"{}", KEY))
    assert refused(CODEC, f"{segment(text)}.{PAYLOAD}.{SIGNATURE}")


def test_a_name_may_stand_once_only() -> None:
    right = compact(payload(CLAIMS))
    assert refused(CODEC, with_payload(right[:-1] + b',"sub":"somebody-else"}'))
    twice = compact(header(ACCESS))[:-1] + b',"alg":"none"}'
    assert refused(CODEC, signed(twice, right, KEY))


@pytest.mark.parametrize("text", ["\u0430ccess", "\u200b", "\xa0"])
def test_json_is_ascii(text: str) -> None:
    values = payload(CLAIMS)
    raw = compact(values).replace(CLAIMS.user_id.encode(), text.encode())
    assert refused(CODEC, with_payload(raw))


def test_another_stores_token_is_refused() -> None:
    other = JwtCodec(lambda: OTHER_KEYS, FakeClock(NOW))
    assert refused(CODEC, other.encode(CLAIMS, "key-1").reveal())
    assert refused(CODEC, with_claims(iss=CLAIMS.user_id))


def test_a_pair_fits_into_one_keyring_item() -> None:
    key_id = "a key id as long as a UUID's 36 text"
    codec = JwtCodec(lambda: KeySet(key_id, {key_id: b"1" * 32}), FakeClock(NOW))
    access, refresh = (
        codec.encode(replace(CLAIMS, kind=kind, generation=99_999), key_id)
        for kind in (ACCESS, REFRESH)
    )
    assert len(Credential(access, refresh, 99_999).to_json()) <= MAX_CHARACTERS


def test_no_error_tells_of_the_token() -> None:
    with pytest.raises(ContctlError) as caught:
        CODEC.decode(Secret(TOKEN[:-1]), ACCESS, ISSUER)
    assert caught.value.message == "the token is not valid"
    assert caught.value.hint == "run 'contctl login'"
    assert caught.value.details == {}
