"""What every PasswordHasher does."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.domain.passwords import MAX_BYTES
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import PasswordHasher

PASSWORD = Secret("correct horse battery staple")
UNFIT = ("nul \0 inside", "long" * MAX_BYTES, "é" * MAX_BYTES, "a lone surrogate \ud800")


class PasswordHasherContract(ABC):
    """Inherit it and say what hasher to test."""

    @pytest.fixture
    @abstractmethod
    def hasher(self) -> PasswordHasher:
        """The hasher to test."""

    def test_fits_the_same_password_only(self, hasher: PasswordHasher) -> None:
        password_hash = hasher.hash(PASSWORD)
        assert hasher.verify(password_hash, PASSWORD)
        assert not hasher.verify(password_hash, Secret("correct horse battery stable"))
        assert not hasher.verify(password_hash, Secret(""))

    def test_every_hash_has_a_salt(self, hasher: PasswordHasher) -> None:
        assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)

    def test_the_hash_does_not_hold_the_password(self, hasher: PasswordHasher) -> None:
        assert "horse" not in hasher.hash(PASSWORD)

    @pytest.mark.parametrize("text", ["pässwörd ünïcode", "x" * MAX_BYTES, "😀" * 256])
    def test_any_text_that_fits_is_a_password(self, hasher: PasswordHasher, text: str) -> None:
        assert hasher.verify(hasher.hash(Secret(text)), Secret(text))

    @pytest.mark.parametrize("text", UNFIT)
    def test_refuses_to_hash_what_does_not_fit(self, hasher: PasswordHasher, text: str) -> None:
        with pytest.raises(ContctlError) as caught:
            hasher.hash(Secret(text))
        assert caught.value.code is ErrorCode.USAGE

    @pytest.mark.parametrize("text", UNFIT)
    def test_what_does_not_fit_is_a_wrong_password(self, hasher: PasswordHasher, text: str) -> None:
        assert not hasher.verify(hasher.hash(PASSWORD), Secret(text))

    @pytest.mark.parametrize("damaged", ["", "plain", "$", "$argon2id$", "$6$salt$hash", "\ud800"])
    def test_refuses_what_is_not_a_hash(self, hasher: PasswordHasher, damaged: str) -> None:
        with pytest.raises(ContctlError) as caught:
            hasher.verify(damaged, PASSWORD)
        assert caught.value.code is ErrorCode.STORE
        with pytest.raises(ContctlError) as caught:
            hasher.needs_rehash(damaged)
        assert caught.value.code is ErrorCode.STORE

    def test_no_password_fits_the_decoy(self, hasher: PasswordHasher) -> None:
        for text in ("", "decoy", PASSWORD.reveal(), *UNFIT):
            assert not hasher.verify(hasher.decoy(), Secret(text))

    def test_the_decoy_has_the_form_of_a_hash_made_now(self, hasher: PasswordHasher) -> None:
        assert not hasher.needs_rehash(hasher.decoy())
        assert len(hasher.decoy()) == len(hasher.hash(PASSWORD))
        assert hasher.decoy() != hasher.decoy()

    def test_its_own_hash_needs_no_rehash(self, hasher: PasswordHasher) -> None:
        assert not hasher.needs_rehash(hasher.hash(PASSWORD))
