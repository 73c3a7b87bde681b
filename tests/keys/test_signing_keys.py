"""The file of signing keys."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.clock import FakeClock

SECRET = base64.urlsafe_b64encode(bytes(range(224, 256))).rstrip(b"=").decode()
KEY = {"secret": SECRET, "created_at": 1}
WHOLE: dict[str, Any] = {"current": "a", "keys": {"a": KEY}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A private folder."""
    made = tmp_path / "keys"
    made.mkdir(0o700)
    return made


def put(folder: Path, content: bytes) -> SigningKeyFile:
    """The key store of `folder`, with `content` in its file."""
    path = folder / "signing.json"
    path.write_bytes(content)
    path.chmod(0o600)
    return SigningKeyFile(folder, FakeClock())


def test_the_file_is_private_json(tmp_path: Path) -> None:
    made = SigningKeyFile(tmp_path / "new" / "keys", FakeClock(1234.5)).ensure()
    path = tmp_path / "new" / "keys" / "signing.json"
    secret = base64.urlsafe_b64encode(made.keys[made.current]).rstrip(b"=").decode()
    assert json.loads(path.read_text()) == {
        "current": made.current,
        "keys": {made.current: {"secret": secret, "created_at": 1234}},
    }
    assert path.stat().st_mode & 0o7777 == 0o600
    assert path.parent.stat().st_mode & 0o7777 == 0o700


def test_every_store_has_a_key_of_its_own(tmp_path: Path) -> None:
    one, two = (SigningKeyFile(tmp_path / name, FakeClock()).ensure() for name in "ab")
    assert one.current != two.current
    assert one.keys[one.current] != two.keys[two.current]


def test_loads_several_keys(folder: Path) -> None:
    other = base64.urlsafe_b64encode(b"o" * 32).rstrip(b"=").decode()
    value = {"current": "b", "keys": {"a": KEY, "b": {"secret": other, "created_at": 2}}}
    loaded = put(folder, json.dumps(value).encode()).load()
    assert loaded.current == "b"
    assert loaded.keys == {"a": bytes(range(224, 256)), "b": b"o" * 32}


DAMAGED = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe\x00",
    b"[" * 60000,
    *(
        json.dumps(value).encode()
        for value in (
            {"keys": {"a": KEY}},
            {"current": "a"},
            {"current": "b", "keys": {"a": KEY}},
            {"current": ["a"], "keys": {"a": KEY}},
            {"current": "a", "keys": [KEY]},
            {"current": "a", "keys": {"a": SECRET}},
            {"current": "a", "keys": {"a": {"secret": SECRET}}},
            {"current": "a", "keys": {"a": KEY | {"created_at": "1"}}},
            {"current": "a", "keys": {"a": KEY | {"secret": SECRET[:-1]}}},
            {"current": "a", "keys": {"a": KEY | {"secret": SECRET[:-2] + "é"}}},
            {"current": "a", "keys": {"a": KEY | {"secret": SECRET[:-2] + "*A"}}},
            {"current": "a", "keys": {"a": KEY | {"secret": ""}}},
            {"current": "a", "keys": {"a": KEY, "b": {}}},
        )
    ),
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_an_error_and_stays(folder: Path, content: bytes) -> None:
    keys = put(folder, content)
    for use in (keys.load, keys.ensure):
        with pytest.raises(ContctlError) as caught:
            use()
        assert caught.value.code is ErrorCode.STORE
        assert caught.value.reason == "damaged"
        assert caught.value.message.isprintable()
        assert SECRET[:8] not in caught.value.message
    assert (folder / "signing.json").read_bytes() == content


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with pytest.raises(ContctlError, match="bytes long"):
        put(folder, b" " * 100_000).load()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_open_to_others_is_refused(folder: Path, mode: int) -> None:
    keys = put(folder, json.dumps(WHOLE).encode())
    (folder / "signing.json").chmod(mode)
    for use in (keys.load, keys.ensure):
        with pytest.raises(ContctlError) as caught:
            use()
        assert caught.value.reason == "not-private"


def test_a_fifo_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "signing.json", 0o600)
    with pytest.raises(ContctlError) as caught:
        SigningKeyFile(folder, FakeClock()).ensure()
    assert caught.value.reason == "not-private"
