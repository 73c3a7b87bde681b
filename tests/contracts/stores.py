"""What the contract suites of the store's ports have in common."""

from abc import ABC, abstractmethod
from typing import Protocol

import pytest

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant
from contctl.core.domain.roles import Role
from contctl.core.domain.sessions import Lifetimes, Session, begin
from contctl.core.ports import (
    AuditLog,
    CiTokenLookup,
    CiTokenRepository,
    IdentityLookup,
    KeyStore,
    LoginThrottle,
    SessionRepository,
    Store,
    UserRepository,
)

NOW = 1_700_000_000
LIFETIMES = Lifetimes(access=600, idle=7 * 86400, absolute=30 * 86400)

ADMIN = User(id="user-admin", name="root", enabled=True, created_at=NOW)
ADMIN_GRANT = Grant(id="grant-admin", role=Role.ADMIN, created_at=NOW)
ALICE = User(id="user-alice", name="alice", enabled=True, created_at=NOW + 1)
VIEWER = Grant(id="grant-viewer", role=Role.VIEWER, created_at=NOW + 2)
OPERATOR = Grant(id="grant-operator", role=Role.OPERATOR, created_at=NOW + 3)


def session_of(user: User, session_id: str) -> Session:
    """A new session of `user`."""
    return begin(session_id, user.id, "key-1", NOW, LIFETIMES)


class Stores(Store, Protocol):
    """A store, and the other ports onto it."""

    @property
    def users(self) -> UserRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def identities(self) -> IdentityLookup: ...
    @property
    def ci_tokens(self) -> CiTokenRepository: ...
    @property
    def ci_token_lookup(self) -> CiTokenLookup: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def throttle(self) -> LoginThrottle: ...
    @property
    def audit_keys(self) -> KeyStore: ...


class StoresContract(ABC):
    """Inherit it and say what store to test."""

    @pytest.fixture
    @abstractmethod
    def fresh(self) -> Stores:
        """A store where nothing was initialised."""

    @pytest.fixture
    @abstractmethod
    def older(self) -> Stores:
        """The store of an older contctl, with ADMIN."""

    @pytest.fixture
    def stores(self, fresh: Stores) -> Stores:
        """The store, created with ADMIN."""
        fresh.create(ADMIN, "hash-admin", ADMIN_GRANT)
        return fresh
