"""A store in memory: the ports onto it see one another's changes, as those onto a database do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import RLock

from contctl.core.domain.accounts import Account, User
from contctl.core.domain.grants import Grant, is_admin
from contctl.core.domain.identities import Identity
from contctl.core.domain.sessions import Session, revoked, used
from contctl.core.domain.throttle import Failures
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Clock
from tests.fakes.audit import FakeAuditLog
from tests.fakes.ci_tokens import FakeCiTokens
from tests.fakes.clock import FakeClock
from tests.fakes.keys import FakeKeyStore
from tests.fakes.throttle import FakeLoginThrottle
from tests.fakes.upkeep import FakeUpkeep


@dataclass
class Content:
    """What a store holds, by id.

    broken: raised by every read and write, as where the database is damaged.
    unwritable: raised by every write, as where the disk is full.
    writes: how many there were.
    older: whether it is of an older contctl.
    """

    identity: str | None = None
    users: dict[str, User] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    failures: dict[tuple[str, str], Failures] = field(default_factory=dict)
    broken: ContctlError | None = None
    unwritable: ContctlError | None = None
    writes: int = 0
    older: bool = False
    lock: RLock = field(default_factory=RLock)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Exclude all others; STORE where nothing was initialised, or it is broken."""
        with self.lock:
            if self.broken is not None:
                raise self.broken
            if self.identity is None:
                raise ContctlError(
                    ErrorCode.STORE,
                    "there is no store",
                    hint="run 'contctl init' to make one",
                    details={"reason": "absent"},
                )
            if self.older:
                raise ContctlError(
                    ErrorCode.STORE,
                    "the store is older than this contctl",
                    hint="run 'contctl store check --migrate'",
                    details={"reason": "older"},
                )
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """As `reading`; raises `unwritable` too."""
        with self.reading():
            if self.unwritable is not None:
                raise self.unwritable
            self.writes += 1
            yield

    def add_user(self, user: User, password_hash: str, grants: tuple[Grant, ...]) -> None:
        """Keep a user, the grants sorted."""
        self.users[user.id] = user
        self.hashes[user.id] = password_hash
        self.set_grants(user.id, grants)

    def set_grants(self, user_id: str, grants: tuple[Grant, ...]) -> None:
        """Keep the grants of a user, sorted."""
        self.grants[user_id] = tuple(sorted(grants, key=lambda grant: (grant.created_at, grant.id)))

    def existing(self, user_id: str) -> User:
        """The user of that id, or NOT_FOUND."""
        if user_id not in self.users:
            raise ContctlError(ErrorCode.NOT_FOUND, "there is no such user")
        return self.users[user_id]

    def refuse_last_admin(self, user_id: str) -> None:
        """CONFLICT if the user is the only enabled admin."""
        admins = [
            user.id
            for user in self.users.values()
            if user.enabled and is_admin(self.grants[user.id])
        ]
        if admins == [user_id]:
            raise ContctlError(
                ErrorCode.CONFLICT,
                f"{self.users[user_id].name} is the last enabled admin",
                hint="make another user an admin first",
                details={"reason": "last-admin"},
            )

    def live(self, user_id: str, now: int) -> tuple[Session, ...]:
        """The user's sessions that are neither revoked nor over, the oldest first."""
        found = [
            session
            for session in self.sessions.values()
            if session.user_id == user_id and session.revoked_at is None and now < session.ends_at
        ]
        return tuple(sorted(found, key=lambda session: (session.created_at, session.id)))

    def revoke(self, user_id: str, now: int, keep: str | None) -> int:
        """End the user's live sessions but `keep`."""
        ended = [session for session in self.live(user_id, now) if session.id != keep]
        self.sessions.update({session.id: revoked(session, now) for session in ended})
        return len(ended)


class FakeUserRepository:
    """UserRepository."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def add(self, user: User, password_hash: str, grants: tuple[Grant, ...]) -> None:
        """CONFLICT if the name is taken."""
        with self._content.writing():
            if any(user.name == other.name for other in self._content.users.values()):
                raise ContctlError(ErrorCode.CONFLICT, f"there is a user {user.name} already")
            self._content.add_user(user, password_hash, grants)

    def get(self, user_id: str) -> User | None:
        """The user of that id."""
        with self._content.reading():
            return self._content.users.get(user_id)

    def by_name(self, name: str) -> User | None:
        """The user of that name."""
        with self._content.reading():
            users = self._content.users.values()
            return next((user for user in users if user.name == name), None)

    def page(self, after: str, limit: int) -> tuple[Account, ...]:
        """At most `limit` accounts whose names come after `after`, by name."""
        with self._content.reading():
            users = sorted(self._content.users.values(), key=lambda user: user.name)
            page = [user for user in users if user.name > after][:limit]
            return tuple(Account(user, self._content.grants[user.id]) for user in page)

    def grants(self, user_id: str) -> tuple[Grant, ...]:
        """The grants of a user, the oldest first; none for an unknown one."""
        with self._content.reading():
            return self._content.grants.get(user_id, ())

    def add_grant(self, user_id: str, grant: Grant) -> None:
        """Give the user a grant."""
        with self._content.writing():
            self._content.existing(user_id)
            self._content.set_grants(user_id, (*self._content.grants[user_id], grant))

    def remove_grant(self, user_id: str, grant_id: str) -> None:
        """Take a grant away, but the last one of an enabled admin."""
        with self._content.writing():
            user = self._content.existing(user_id)
            held = self._content.grants[user_id]
            left = tuple(grant for grant in held if grant.id != grant_id)
            if left == held:
                raise ContctlError(ErrorCode.NOT_FOUND, f"{user.name} holds no grant {grant_id}")
            if not is_admin(left):
                self._content.refuse_last_admin(user_id)
            self._content.set_grants(user_id, left)

    def password_hash(self, user_id: str) -> str | None:
        """The stored hash; None for an unknown user."""
        with self._content.reading():
            return self._content.hashes.get(user_id)

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash; NOT_FOUND for an unknown user."""
        with self._content.writing():
            self._content.hashes[self._content.existing(user_id).id] = password_hash

    def change_password(
        self, user_id: str, password_hash: str, now: int, keep_session: str | None
    ) -> None:
        """Replace the hash and end the live sessions but `keep_session`."""
        with self._content.writing():
            self._content.hashes[self._content.existing(user_id).id] = password_hash
            self._content.revoke(user_id, now, keep_session)

    def set_enabled(self, user_id: str, *, enabled: bool) -> None:
        """NOT_FOUND for an unknown user; CONFLICT for the last enabled admin."""
        with self._content.writing():
            user = self._content.existing(user_id)
            if not enabled:
                self._content.refuse_last_admin(user_id)
            self._content.users[user_id] = replace(user, enabled=enabled)

    def remove(self, user_id: str) -> None:
        """Delete the user, its grants and sessions; otherwise as `set_enabled`."""
        with self._content.writing():
            self._content.existing(user_id)
            self._content.refuse_last_admin(user_id)
            del self._content.users[user_id]
            del self._content.hashes[user_id]
            del self._content.grants[user_id]
            self._content.sessions = {
                session.id: session
                for session in self._content.sessions.values()
                if session.user_id != user_id
            }


class FakeSessionRepository:
    """SessionRepository."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def add(self, session: Session) -> None:
        """NOT_FOUND for an unknown user."""
        with self._content.writing():
            self._content.existing(session.user_id)
            self._content.sessions[session.id] = session

    def get(self, session_id: str) -> Session | None:
        """The session of that id."""
        with self._content.reading():
            return self._content.sessions.get(session_id)

    def update(self, session_id: str, change: Callable[[Session], Session]) -> Session | None:
        """Replace the session by `change` of it; None for an unknown one."""
        with self._content.writing():
            session = self._content.sessions.get(session_id)
            if session is None:
                return None
            self._content.sessions[session_id] = change(session)
            return self._content.sessions[session_id]

    def live(self, user_id: str, now: int) -> tuple[Session, ...]:
        """The user's sessions that are neither revoked nor over, the oldest first."""
        with self._content.reading():
            return self._content.live(user_id, now)

    def revoke_all(self, user_id: str, now: int, keep: str | None) -> int:
        """End the user's live sessions but `keep`; how many that were."""
        with self._content.writing():
            return self._content.revoke(user_id, now, keep)

    def prune(self, before: int) -> int:
        """Delete the sessions that were over or revoked before `before`; how many that were."""
        with self._content.writing():
            kept = {
                session.id: session
                for session in self._content.sessions.values()
                if min(session.ends_at, session.revoked_at or session.ends_at) >= before
            }
            gone = len(self._content.sessions) - len(kept)
            self._content.sessions = kept
            return gone

    def revoke_everyones(self, now: int) -> int:
        """End all users' live sessions; how many that were."""
        with self._content.writing():
            return sum(self._content.revoke(user_id, now, None) for user_id in self._content.users)

    def keys_in_use(self, now: int) -> frozenset[str]:
        """The ids of the keys that signed the current tokens of all live sessions."""
        with self._content.reading():
            live = (self._content.live(user_id, now) for user_id in self._content.users)
            return frozenset(session.key_id for sessions in live for session in sessions)


class FakeIdentityLookup:
    """IdentityLookup."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def find(self, user_id: str, session_id: str) -> Identity | None:
        """None if user or session is unknown, or the session is another user's."""
        with self._content.reading():
            session = self._content.sessions.get(session_id)
            if session is None or session.user_id != user_id:
                return None
            return Identity(self._content.users[user_id], session, self._content.grants[user_id])

    def scope_label_keys(self) -> frozenset[str]:
        """The keys of the labels in the scopes of all grants."""
        with self._content.reading():
            held = (grant for grants in self._content.grants.values() for grant in grants)
            return frozenset(key for grant in held for key, _ in grant.scope.labels)

    def mark_used(self, session_id: str, generation: int) -> None:
        """Note that a token of the current generation was accepted."""
        with self._content.reading():
            session = self._content.sessions.get(session_id)
            if session is None or session.generation != generation or session.generation_used:
                return
            with self._content.writing():
                self._content.sessions[session_id] = used(session)


class FakeStore(FakeUpkeep):
    """Store, and the other ports onto the same content."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.content = Content()
        super().__init__(self.content)
        self.users = FakeUserRepository(self.content)
        self.sessions = FakeSessionRepository(self.content)
        self.identities = FakeIdentityLookup(self.content)
        self.ci_tokens = FakeCiTokens(self.content)
        self.ci_token_lookup = self.ci_tokens
        self.throttle = FakeLoginThrottle(self.content)
        self.keys = FakeKeyStore(clock or FakeClock())
        self.audit_keys = FakeKeyStore(clock or FakeClock())
        self.audit = FakeAuditLog(self.content, self.audit_keys)

    def identity(self) -> str:
        """The authority's id; STORE, reason `absent`, before `create`."""
        with self.content.reading():
            return self.content.identity or ""

    def create(self, admin: User, password_hash: str, grant: Grant) -> str:
        """Make the store, which is always of the same identity; CONFLICT the second time."""
        with self.content.lock:
            if self.content.identity is not None:
                raise ContctlError(ErrorCode.CONFLICT, "contctl is initialised here already")
            if self.content.unwritable is not None:
                raise self.content.unwritable
            self.content.identity = "6f1c1f0e-6f6b-4c56-9d5e-0d3f6a1f2b3c"
            self.content.add_user(admin, password_hash, (grant,))
            return self.content.identity
