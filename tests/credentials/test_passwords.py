"""The contract of PasswordHasher, for the real one and the fake, and planted hashes."""

import subprocess
import sys
import time

import pytest

from contctl.backends.argon2 import Argon2Hasher
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import PasswordHasher
from tests.contracts.password_hasher import PASSWORD, PasswordHasherContract
from tests.fakes.passwords import FakeHasher

SALT, DIGEST = "c29tZXNhbHQ", "A" * 43


def planted(memory: object = 65536, passes: object = 3, lanes: object = 4) -> str:
    return f"$argon2id$v=19$m={memory},t={passes},p={lanes}${SALT}${DIGEST}"


class TestArgon2Hasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher()

    def test_the_profile_is_that_of_rfc_9106(self, hasher: PasswordHasher) -> None:
        assert hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")

    def test_other_parameters_need_a_rehash(self, hasher: PasswordHasher) -> None:
        assert hasher.needs_rehash(planted(memory=32768))
        assert hasher.needs_rehash(planted(passes=2))
        assert not hasher.verify(planted(memory=32768), PASSWORD)

    @pytest.mark.parametrize(
        "password_hash",
        [
            planted(memory=4 * 1024 * 1024),
            planted(memory=2**31),
            planted(memory=10**9, passes=10**9),
            planted(passes=2**31),
            planted(passes=11),
            planted(lanes=2**20),
            planted(memory="9" * 5000),
            planted(memory=-1),
            planted(memory=" 65536"),
            planted(memory="\u0663"),
            planted(memory=8, lanes=4),
            planted(memory=0),
            planted(passes=0),
            planted(lanes=0),
            planted().replace("argon2id", "argon2i"),
            planted().replace("argon2id", "argon2d"),
            planted().replace("v=19", "v=16"),
            planted().replace("v=19$", ""),
            planted().replace(SALT, "c2FsdA"),
            planted().replace(SALT, "A" * 100_000),
            planted().replace(DIGEST, "AAAAAA"),
            planted().replace(DIGEST, "A" * 100_000),
            planted().replace(DIGEST, DIGEST[:-1] + "="),
            planted() + "\n",
            planted() + "\0",
            planted() + "$",
        ],
        ids=range(26),
    )
    def test_a_planted_hash_is_refused_before_it_costs_anything(
        self, hasher: PasswordHasher, password_hash: str
    ) -> None:
        hasher.verify(planted(memory=8, passes=1, lanes=1), PASSWORD)
        before = time.process_time()
        with pytest.raises(ContctlError) as caught:
            hasher.verify(password_hash, PASSWORD)
        assert time.process_time() - before < 0.05
        assert caught.value.code is ErrorCode.STORE
        assert password_hash not in caught.value.message

    def test_what_does_not_fit_costs_the_same(self, hasher: PasswordHasher) -> None:
        password_hash = hasher.hash(PASSWORD)
        unfit = [_cost(hasher, password_hash, Secret("x" * 5000)) for _ in range(5)]
        wrong = [_cost(hasher, password_hash, Secret("wrong")) for _ in range(5)]
        assert 0.5 < min(unfit) / min(wrong) < 2

    def test_the_decoy_costs_the_same(self, hasher: PasswordHasher) -> None:
        password_hash = hasher.hash(PASSWORD)
        decoy = [_cost(hasher, hasher.decoy(), PASSWORD) for _ in range(5)]
        wrong = [_cost(hasher, password_hash, Secret("wrong")) for _ in range(5)]
        assert 0.5 < min(decoy) / min(wrong) < 2

    def test_the_stand_in_for_what_does_not_fit_opens_nothing(self, hasher: PasswordHasher) -> None:
        password_hash = hasher.hash(Secret("no password"))
        assert hasher.verify(password_hash, Secret("no password"))
        assert not hasher.verify(password_hash, Secret("x" * 5000))

    def test_the_library_is_imported_at_the_first_use(self) -> None:
        program = "import sys, contctl.backends.argon2; sys.exit('argon2' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


class TestFakeHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return FakeHasher()

    def test_another_version_needs_a_rehash(self) -> None:
        assert FakeHasher(2).needs_rehash(FakeHasher(1).hash(PASSWORD))


def _cost(hasher: PasswordHasher, password_hash: str, password: Secret) -> float:
    """Seconds of processor time for one verification."""
    before = time.process_time()
    assert not hasher.verify(password_hash, password)
    return time.process_time() - before
