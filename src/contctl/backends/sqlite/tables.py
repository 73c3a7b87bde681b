"""The tables. SQLModel reads the annotations when a class is made, so they are never deferred.

Times are seconds since the epoch, but for `AuditRow.at`. Keys of text are ids in ASCII.
"""

from typing import ClassVar

from sqlalchemy import Index, MetaData, text
from sqlmodel import Field, SQLModel

# A constraint without a name cannot be changed by a later migration
# (https://alembic.sqlalchemy.org/en/latest/naming.html).
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """What the tables have in common: one set of metadata."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class StoreRow(Table, table=True):
    """The store itself; one row. identity: a UUID, the authority's id."""

    __tablename__ = "store"

    identity: str = Field(primary_key=True)
    created_at: int


class UserRow(Table, table=True):
    """An account."""

    __tablename__ = "users"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    password_hash: str = Field(repr=False)
    enabled: bool
    created_at: int


class GrantRow(Table, table=True):
    """A role that a user holds. names, labels: a scope's, as JSON; `[]` does not restrict."""

    __tablename__ = "grants"

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    role: str
    created_at: int
    names: str
    labels: str
    engine: str | None = None


class SessionRow(Table, table=True):
    """A login; the columns are the fields of the domain's Session."""

    __tablename__ = "sessions"

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: int
    ends_at: int
    generation: int
    generation_used: bool
    key_id: str
    issued_at: int
    access_expires_at: int
    refresh_expires_at: int
    revoked_at: int | None = None


class CiTokenRow(Table, table=True):
    """A CI token. digest: SHA-256 of the whole token, in hex. names, labels: as a grant's."""

    __tablename__ = "ci_tokens"

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    name: str
    digest: str = Field(repr=False)
    created_at: int
    expires_at: int
    revoked_at: int | None = None
    role: str
    names: str
    labels: str
    engine: str | None = None


class LoginFailureRow(Table, table=True):
    """Logins that failed in a row. account: the user's name; empty for all names that nobody has.
    peer: where the attempts came from. last_at: of the last one that counted."""

    __tablename__ = "login_failures"

    account: str = Field(primary_key=True)
    peer: str = Field(primary_key=True)
    failures: int
    last_at: int


class AuditSegmentRow(Table, table=True):
    """A part of the audit log under one key. The last one is open: the columns from `last` on are
    those of a sealed one.

    first, last: numbers of records; an empty segment's last comes before its first.
    head: the MAC of its last record.  seal: the MAC of all the above.
    """

    __tablename__ = "audit_segments"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key_id: str
    first: int
    last: int | None = None
    head: bytes | None = None
    sealed_at: int | None = None
    seal: bytes | None = None


class AuditRow(Table, table=True):
    """A record; the columns are the fields of the domain's AuditEntry. No foreign keys: a record
    outlives what it tells of. AUTOINCREMENT, so that a number is never used again.

    mac: chains it to the record before it; None for one that is older than the chain.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_intent", "intent", sqlite_where=text("intent IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    at: int
    phase: str
    action: str
    uid: int
    user_id: str
    user: str
    session_id: str
    target: str
    target_name: str
    intent: int | None
    result: str
    detail: str
    token_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    mac: bytes | None = None
