"""What every KeyStore does."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.domain.keys import RetiredKey
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import KeyStore
from tests.fakes.clock import FakeClock


class KeyStoreContract(ABC):
    """Inherit it and say what key store to test."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    @abstractmethod
    def keys(self, clock: FakeClock) -> KeyStore:
        """A key store without a key, at the time of `clock`."""

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

    def test_without_keys_there_is_nothing_to_rotate(self, keys: KeyStore) -> None:
        with pytest.raises(ContctlError) as caught:
            keys.rotate(lambda _: True)
        assert caught.value.reason == "absent"

    def test_rotating_makes_a_new_current_key(self, keys: KeyStore) -> None:
        first = keys.ensure()
        change = keys.rotate(lambda _: True)
        rotated = keys.load()
        assert change.current == rotated.current != first.current
        assert (change.kept, change.dropped) == ((first.current,), ())
        assert rotated.keys.keys() == {first.current, rotated.current}
        assert rotated.keys[first.current] == first.keys[first.current]
        assert rotated.keys[rotated.current] != first.keys[first.current]
        assert len(rotated.keys[rotated.current]) == 32

    def test_every_older_key_is_asked_about_with_the_time_it_was_retired(
        self, keys: KeyStore, clock: FakeClock
    ) -> None:
        first = keys.ensure().current
        began = int(clock.now())
        clock.advance(100)
        second = keys.rotate(lambda _: True).current
        clock.advance(50)
        asked: list[RetiredKey] = []

        def keep(key: RetiredKey) -> bool:
            asked.append(key)
            return key.id != first

        change = keys.rotate(keep)
        assert set(asked) == {RetiredKey(first, began + 100), RetiredKey(second, began + 150)}
        assert (change.kept, change.dropped) == ((second,), (first,))
        assert keys.load().keys.keys() == {second, change.current}

    def test_all_older_keys_can_go(self, keys: KeyStore) -> None:
        keys.ensure()
        keys.rotate(lambda _: True)
        change = keys.rotate(lambda _: False)
        assert len(change.dropped) == 2
        assert keys.load().keys.keys() == {change.current}
