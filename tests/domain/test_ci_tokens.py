"""The text of CI tokens, and their names and lifetimes."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.ci_tokens import (
    ID_BYTES,
    SECRET_BYTES,
    CiToken,
    check_lifetime,
    check_token_name,
    digest,
    is_live,
    token_id,
    token_text,
)
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

README = Path(__file__).parents[2] / "README.md"
TEXT = token_text(bytes(range(8)), bytes(range(32))).reveal()

ids = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)
keys = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(ids, keys)
def test_a_token_gives_its_id_back_and_scanners_find_it(chosen: bytes, secret: bytes) -> None:
    text = token_text(chosen, secret)
    assert token_id(text) == chosen.hex()
    assert re.fullmatch("ctl_[0-9a-f]{88}", text.reveal())
    assert digest(text) == sha256(text.reveal().encode()).hexdigest()


def test_a_known_token() -> None:
    # The checksum is the CRC-32 of ISO 3309, as zlib, gzip and PNG have it.
    body = "ctl_0001020304050607" + bytes(range(32)).hex()
    assert f"{body}fe7236ee" == TEXT


@pytest.mark.parametrize("length", range(len(TEXT)))
def test_cut_at_any_byte_it_is_none(length: int) -> None:
    assert token_id(Secret(TEXT[:length])) is None


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_with_any_character_changed_it_is_none(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    assert token_id(Secret(changed)) == (token_id(Secret(TEXT)) if changed == TEXT else None)


@given(st.text())
def test_any_text_is_none(text: str) -> None:
    assert token_id(Secret(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        TEXT.upper(),
        f"{TEXT}\n",
        f"\n{TEXT}",
        f" {TEXT}",
        f"{TEXT}\0",
        f"{TEXT}=",
        f"{TEXT[:40]}\n{TEXT[40:]}",
        TEXT * 2,
        TEXT.replace("0", "\u0660"),
        TEXT.replace("c", "\uff43"),
        TEXT + "\udcff",
        "ctl_" + "0" * 10_000_000,
    ],
)
def test_one_text_only_stands_for_a_token(text: str) -> None:
    assert token_id(Secret(text)) is None


def test_live_until_it_expires_or_is_revoked() -> None:
    token = CiToken("id", "user", "deploy", Role.VIEWER, created_at=10, expires_at=20)
    assert [is_live(token, now) for now in (10, 19, 20)] == [True, True, False]
    revoked = CiToken("id", "user", "deploy", Role.VIEWER, 10, 20, revoked_at=12)
    assert not is_live(revoked, 11)


@pytest.mark.parametrize("name", ["a", "0", "Deploy.shop_web-2", "x" * 64])
def test_names(name: str) -> None:
    assert check_token_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", ".a", "a b", "a\n", "é", "x" * 65, "\udcff", "a;b"])
def test_impossible_names(name: str) -> None:
    with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE) as raised:
        check_token_name(name)
    assert raised.value.message.isprintable()


def test_lifetimes() -> None:
    for seconds in (1, 90 * 86400):
        check_lifetime(seconds)
    for seconds in (-1, 0, 90 * 86400 + 1):
        with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE):
            check_lifetime(seconds)


def test_the_readme_tells_scanners_the_pattern() -> None:
    pattern = "ctl_[0-9a-f]{88}"
    assert f"`{pattern}`" in README.read_text()
    assert re.fullmatch(pattern, TEXT)
