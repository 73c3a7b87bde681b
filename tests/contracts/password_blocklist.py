"""What every PasswordBlocklist does."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.ports import PasswordBlocklist


class PasswordBlocklistContract(ABC):
    """Inherit it and say what list to test."""

    @pytest.fixture
    @abstractmethod
    def blocklist(self) -> PasswordBlocklist:
        """The list to test."""

    @pytest.mark.parametrize("text", ["password", "qwerty", "123456", "iloveyou"])
    def test_knows_what_everybody_chooses(self, blocklist: PasswordBlocklist, text: str) -> None:
        assert blocklist.contains(text)

    @pytest.mark.parametrize(
        "text",
        ["", "\n", "password\n", "Password", "password\nqwerty", "nul \0", "\udcff", "x" * 100_000,
         "a long enough password", "correct horse battery staple"],
        ids=range(10),
    )  # fmt: skip
    def test_knows_nothing_else(self, blocklist: PasswordBlocklist, text: str) -> None:
        assert not blocklist.contains(text)
