"""What every KeyStore does."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import KeyStore


class KeyStoreContract(ABC):
    """Inherit it and say what key store to test."""

    @pytest.fixture
    @abstractmethod
    def keys(self) -> KeyStore:
        """A key store without a key."""

    def test_there_is_no_key_at_first(self, keys: KeyStore) -> None:
        with pytest.raises(ContctlError) as caught:
            keys.load()
        assert caught.value.code is ErrorCode.STORE
        assert caught.value.reason == "absent"

    def test_makes_a_key(self, keys: KeyStore) -> None:
        made = keys.ensure()
        assert list(made.keys) == [made.current]
        assert len(made.keys[made.current]) == 32

    def test_keeps_the_key(self, keys: KeyStore) -> None:
        made = keys.ensure()
        assert keys.load() == made
        assert keys.ensure() == made

    def test_a_key_is_not_shown(self, keys: KeyStore) -> None:
        made = keys.ensure()
        assert repr(made.keys[made.current]) not in repr(made)
