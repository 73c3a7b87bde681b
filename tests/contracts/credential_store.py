"""What every CredentialStore does."""

from abc import ABC, abstractmethod
from uuid import uuid4

import pytest

from contctl.core.domain.credentials import MAX_CHARACTERS, Credential, StoreKind
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore


def credential(generation: int = 1, length: int = 40) -> Credential:
    """A credential whose tokens have `length` characters."""
    return Credential(Secret("a" * length), Secret("r" * length), generation)


def largest_credential() -> Credential:
    """A credential that takes all of the characters that an item may have."""
    taken = len(Credential(Secret(""), Secret(""), 1).to_json())
    return Credential(Secret("a" * 500), Secret("r" * (MAX_CHARACTERS - taken - 500)), 1)


class CredentialStoreContract(ABC):
    """Inherit it and say what store to test; each test uses authorities of its own."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> CredentialStore:
        """The store to test."""

    @pytest.fixture
    def authority(self) -> str:
        return str(uuid4())

    def test_says_what_it_is(self, store: CredentialStore) -> None:
        assert store.kind in StoreKind
        assert store.location
        assert store.location.isprintable()

    def test_probe_succeeds_and_changes_nothing(
        self, store: CredentialStore, authority: str
    ) -> None:
        store.write(authority, credential())
        store.probe()
        store.probe()
        assert store.read(authority) == credential()

    def test_nothing_is_kept_at_first(self, store: CredentialStore, authority: str) -> None:
        assert store.read(authority) is None

    def test_keeps_what_is_written(self, store: CredentialStore, authority: str) -> None:
        store.write(authority, credential(7))
        assert store.read(authority) == credential(7)

    def test_gateways_are_kept_apart(self, store: CredentialStore) -> None:
        addresses = (f"unix:///run/{uuid4()}.sock", f"https://{uuid4()}:8443", "unix:///../../x")
        gateways = [f"gateway {address}" for address in addresses]
        for generation, gateway in enumerate(gateways, 1):
            store.write(gateway, credential(generation))
        assert [store.read(gateway) for gateway in gateways] == [
            credential(generation) for generation in (1, 2, 3)
        ]
        for gateway in gateways:
            store.delete(gateway)
            assert store.read(gateway) is None

    def test_keeps_the_largest_credential(self, store: CredentialStore, authority: str) -> None:
        assert len(largest_credential().to_json()) == MAX_CHARACTERS
        store.write(authority, largest_credential())
        assert store.read(authority) == largest_credential()

    def test_replaces_a_longer_one(self, store: CredentialStore, authority: str) -> None:
        store.write(authority, credential(1, 400))
        store.write(authority, credential(2, 4))
        assert store.read(authority) == credential(2, 4)

    def test_refuses_one_that_is_too_long_and_keeps_the_old(
        self, store: CredentialStore, authority: str
    ) -> None:
        store.write(authority, credential())
        with pytest.raises(ContctlError) as caught:
            store.write(authority, credential(2, MAX_CHARACTERS))
        assert caught.value.code is ErrorCode.STORE
        assert store.read(authority) == credential()

    def test_keeps_authorities_apart(self, store: CredentialStore, authority: str) -> None:
        other = str(uuid4())
        store.write(authority, credential(1))
        store.write(other, credential(2))
        store.delete(other)
        assert store.read(authority) == credential(1)
        assert store.read(other) is None

    def test_forgets(self, store: CredentialStore, authority: str) -> None:
        store.write(authority, credential())
        store.delete(authority)
        assert store.read(authority) is None

    def test_forgets_what_is_not_there(self, store: CredentialStore, authority: str) -> None:
        store.delete(authority)
        store.delete(authority)
        assert store.read(authority) is None
