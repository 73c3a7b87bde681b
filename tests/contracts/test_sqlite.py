"""The store in SQLite, and the file of signing keys, keep to the contracts."""

from pathlib import Path

import pytest

from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.ports import KeyStore
from tests.contracts.audit_log import AuditChainContract, AuditFilterContract, AuditLogContract
from tests.contracts.ci_tokens import CiTokensContract
from tests.contracts.identity_lookup import IdentityLookupContract
from tests.contracts.key_store import KeyStoreContract
from tests.contracts.login_throttle import LoginThrottleContract
from tests.contracts.session_repository import SessionRepositoryContract
from tests.contracts.store import StoreContract
from tests.contracts.stores import Stores
from tests.contracts.user_repository import UserRepositoryContract
from tests.fakes.clock import FakeClock
from tests.sqlite.first_version import first_version
from tests.sqlite.stores import SqliteStores


class TestSqlite(
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
    def fresh(self, tmp_path: Path) -> Stores:
        return SqliteStores(tmp_path / "contctl")

    @pytest.fixture
    def older(self, tmp_path: Path) -> Stores:
        return first_version(tmp_path / "older")


class TestSigningKeyFile(KeyStoreContract):
    @pytest.fixture
    def keys(self, tmp_path: Path, clock: FakeClock) -> KeyStore:
        return SigningKeyFile(tmp_path / "keys", clock)
