"""The lists of common passwords keep to the contract; the real one is whole, and read late."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from contctl.backends.password_blocklist import SHIPPED, CommonPasswords
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import PasswordBlocklist
from tests.contracts.password_blocklist import PasswordBlocklistContract
from tests.fakes.blocklist import FakeBlocklist


class TestCommonPasswords(PasswordBlocklistContract):
    @pytest.fixture
    def blocklist(self) -> PasswordBlocklist:
        return CommonPasswords()


class TestFakeBlocklist(PasswordBlocklistContract):
    @pytest.fixture
    def blocklist(self) -> PasswordBlocklist:
        return FakeBlocklist()


def test_the_shipped_list_is_whole_and_in_lower_case() -> None:
    lines = gzip.decompress(SHIPPED.read_bytes()).decode("utf-8").splitlines()
    assert len(lines) == len(set(lines)) == 19_640
    blocklist = CommonPasswords()
    assert all(blocklist.contains(line) and line == line.lower() for line in lines)


def test_source_and_licence_stand_beside_it() -> None:
    assert "BSD-3-Clause" in SHIPPED.with_name("SOURCE").read_text()
    assert "Django Software Foundation" in SHIPPED.with_name("LICENSE").read_text()


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"password\n",
        gzip.compress(b"password\n")[:-9],
        gzip.compress(b"password\n")[:10] + b"\xff" * 20,
        gzip.compress(b"\xff\xfe"),
    ],
    ids=range(6),
)
def test_a_list_that_cannot_be_read_lets_nothing_pass(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "list.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContctlError) as caught:
        CommonPasswords(path).contains("password")
    assert caught.value.code is ErrorCode.STORE


def test_the_list_is_read_when_it_is_first_asked(tmp_path: Path) -> None:
    CommonPasswords(tmp_path / "absent.gz")
    program = "import sys, contctl.bootstrap; sys.exit('gzip' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
