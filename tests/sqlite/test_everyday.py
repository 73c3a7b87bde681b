"""The plain SQL of everyday commands: what it may import, and that it agrees with SQLModel."""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

from sqlmodel import select

from contctl.backends.sqlite.audit_rows import AUDIT_COLUMNS
from contctl.backends.sqlite.tables import AuditRow, CiTokenRow, Table, UserRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.accounts import Account
from contctl.core.domain.audit import AuditEntry, AuditRecord, Phase
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.domain.identities import Identity
from contctl.core.domain.roles import Role
from contctl.core.domain.sessions import Session
from tests.contracts.stores import ADMIN, ALICE, OPERATOR, VIEWER
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import refusal

SLOW = ("sqlalchemy", "sqlmodel", "pydantic", "alembic")
EVERYDAY = f"""
import sys
from pathlib import Path
from contctl.backends.clock import SystemClock
from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.ci_token_lookup import SqliteCiTokenLookup
from contctl.backends.signing_keys import SigningKeyFile
from contctl.backends.sqlite.audit_log import SqliteAuditLog
from contctl.backends.sqlite.everyday import SqliteIdentityLookup
from contctl.backends.sqlite.store import SqliteStore
from contctl.core.domain.audit import AuditEntry, Phase

database = Database(Path(sys.argv[1]))
SqliteStore(database, SystemClock()).identity()
assert SqliteIdentityLookup(database).find("user-alice", "hers")
SqliteIdentityLookup(database).mark_used("hers", 3)
assert SqliteCiTokenLookup(database).find("token-1")
keys = SigningKeyFile(database.folder / "keys", SystemClock(), "audit.json")
SqliteAuditLog(database, keys).append(AuditEntry(1, Phase.INTENT, "container:stop", 0))
print([name for name in {SLOW!r} if name in sys.modules])
"""
SESSION = Session("hers", ALICE.id, 11, 12, 3, False, "key", 14, 15, 16, 17)
ENTRY = AuditEntry(
    1, Phase.OUTCOME, "container:stop", 2, "u", "alice", "s", "t", "web", 3, "ok", "more"
)


def with_alice(folder: Path) -> SqliteStores:
    """A store where ALICE has two grants and SESSION."""
    stores = created(folder)
    stores.users.add(ALICE, "hash", (OPERATOR, VIEWER))
    stores.sessions.add(SESSION)
    return stores


def test_an_everyday_command_imports_the_standard_library_only(folder: Path) -> None:
    stores = with_alice(folder)
    stores.ci_tokens.add(CiToken("token-1", ALICE.id, "deploy", Role.VIEWER, 1, 2), "digest")
    done = subprocess.run(
        [sys.executable, "-c", EVERYDAY, str(folder)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    assert stores.sessions.get("hers") == replace(SESSION, generation_used=True)
    assert len(stores.audit.page(0, 10)) == 1


def test_what_sqlmodel_writes_the_identity_lookup_reads(folder: Path) -> None:
    stores = with_alice(folder)
    identity = stores.identities.find(ALICE.id, "hers")
    assert identity == Identity(ALICE, SESSION, (VIEWER, OPERATOR))
    assert stores.users.page("", 1) == (Account(identity.user, identity.grants),)
    assert stores.sessions.get("hers") == identity.session
    stores.users.set_enabled(ALICE.id, enabled=False)
    assert stores.identities.find(ALICE.id, "hers") == identity._replace(
        user=replace(ALICE, enabled=False)
    )


def test_what_the_identity_lookup_writes_sqlmodel_reads(folder: Path) -> None:
    stores = with_alice(folder)
    stores.identities.mark_used("hers", 3)
    marked = replace(SESSION, generation_used=True)
    assert stores.sessions.get("hers") == marked
    assert stores.sessions.update("hers", lambda kept: kept) == marked


def test_what_the_audit_log_appends_sqlmodel_reads_and_the_reverse(folder: Path) -> None:
    stores = created(folder)
    assert stores.audit.append(ENTRY) == 1
    with Transactions(stores.database).writing() as session:
        kept = session.exec(select(AuditRow)).one()
        session.add(AuditRow(**(kept.model_dump() | {"number": None})))
    assert stores.audit.append(ENTRY) == 3
    assert stores.audit.page(0, 10) == tuple(AuditRecord(number, ENTRY) for number in (1, 2, 3))
    assert stores.audit.last(1) == 2


def test_the_columns_are_the_fields_of_the_domain() -> None:
    columns = {name: table.columns.keys() for name, table in Table.metadata.tables.items()}
    assert columns["audit"] == ["number", *AUDIT_COLUMNS, "mac"]
    assert columns["sessions"] == [field.name for field in fields(Session)]
    # A scope has three columns.
    tokens = {field.name for field in fields(CiToken)} - {"scope"}
    assert set(columns["ci_tokens"]) - tokens == {"digest", "names", "labels", "engine"}


def test_a_damaged_token_is_an_error(folder: Path) -> None:
    stores = created(folder)
    stores.ci_tokens.add(CiToken("token-1", ADMIN.id, "deploy", Role.VIEWER, 1, 9), "digest")
    for column, value in (("role", "god"), ("names", "{"), ("labels", "[1]")):
        with stores.database.writing() as connection:
            connection.execute(f"UPDATE ci_tokens SET {column} = ?", (value,))
        for use in (
            lambda: stores.ci_token_lookup.find("token-1"),
            lambda: stores.ci_tokens.get("token-1"),
            lambda: stores.ci_tokens.live(ADMIN.id, 2),
        ):
            assert refusal(use).reason == "damaged"


def test_rows_do_not_show_password_hashes_and_digests(folder: Path) -> None:
    stores = created(folder)
    token = CiToken("token-1", ADMIN.id, "deploy", Role.VIEWER, 1, 2)
    stores.ci_tokens.add(token, "digest-canary")
    with Transactions(stores.database).reading() as session:
        row = session.get(UserRow, ADMIN.id)
        assert row is not None
        assert "hash-admin" not in repr(row)
        assert "canary" not in repr(session.get(CiTokenRow, "token-1"))
