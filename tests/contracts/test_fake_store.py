"""The store in memory keeps to the contracts."""

import pytest

from contctl.core.ports import KeyStore
from tests.contracts.audit_log import AuditChainContract, AuditFilterContract, AuditLogContract
from tests.contracts.ci_tokens import CiTokensContract
from tests.contracts.identity_lookup import IdentityLookupContract
from tests.contracts.key_store import KeyStoreContract
from tests.contracts.login_throttle import LoginThrottleContract
from tests.contracts.session_repository import SessionRepositoryContract
from tests.contracts.store import StoreContract
from tests.contracts.stores import ADMIN, ADMIN_GRANT, Stores
from tests.contracts.user_repository import UserRepositoryContract
from tests.fakes.clock import FakeClock
from tests.fakes.store import FakeStore


class TestFakeStore(
    StoreContract,
    UserRepositoryContract,
    SessionRepositoryContract,
    IdentityLookupContract,
    CiTokensContract,
    AuditLogContract,
    LoginThrottleContract,
    AuditFilterContract,
    AuditChainContract,
):
    @pytest.fixture
    def fresh(self) -> Stores:
        return FakeStore()

    @pytest.fixture
    def older(self) -> Stores:
        store = FakeStore()
        store.create(ADMIN, "hash-admin", ADMIN_GRANT)
        store.content.older = True
        return store


class TestFakeKeyStore(KeyStoreContract):
    @pytest.fixture
    def keys(self, clock: FakeClock) -> KeyStore:
        return FakeStore(clock).keys
