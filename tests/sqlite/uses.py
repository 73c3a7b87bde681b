"""Uses of a store that all have to be refused alike."""

from collections.abc import Callable

import pytest

from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import ADMIN, session_of
from tests.sqlite.stores import SqliteStores

Use = Callable[[SqliteStores], object]

TOKEN = CiToken("token-1", ADMIN.id, "deploy", Role.VIEWER, 1, 2)
ENTRY = AuditEntry(1, Phase.INTENT, "container:stop", 0)
USES: tuple[Use, ...] = (
    lambda stores: stores.identity(),
    lambda stores: stores.users.page("", 10),
    lambda stores: stores.sessions.revoke_all(ADMIN.id, 1, None),
    lambda stores: stores.identities.find(ADMIN.id, "one"),
    lambda stores: stores.identities.mark_used("one", 1),
    lambda stores: stores.ci_token_lookup.find("token-1"),
    lambda stores: stores.ci_tokens.live(ADMIN.id, 1),
    lambda stores: stores.audit.append(ENTRY),
    lambda stores: stores.audit.page(0, 1),
)
WRITES: tuple[Use, ...] = (
    lambda stores: stores.users.set_password_hash(ADMIN.id, "secret-canary"),
    lambda stores: stores.sessions.add(session_of(ADMIN, "two")),
    lambda stores: stores.identities.mark_used("one", 1),
    lambda stores: stores.ci_tokens.add(TOKEN, "digest-canary"),
    lambda stores: stores.audit.append(ENTRY),
    lambda stores: stores.throttle.attempt("ada", "uid 0", 1),
)


def refusal(work: Callable[[], object]) -> ContctlError:
    """The ContctlError STORE that `work` raises; it is one line and holds no secret."""
    with pytest.raises(ContctlError) as caught:
        work()
    error = caught.value
    assert error.code is ErrorCode.STORE
    assert error.message.isprintable()
    assert "canary" not in error.message
    return error
