"""What a gateway offers: the one table of its operations, an allow-list.

Each is a method of a part of `core.api.Authority`. A test holds the table to the Protocols.
"""

import dataclasses
import inspect
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from contctl.core import api
from contctl.core.answers import (
    AuditQuery,
    Issued,
    KeysRotated,
    Login,
    NewToken,
    OwnedToken,
    SessionState,
    TokenStatus,
)
from contctl.core.domain.accounts import Account, User
from contctl.core.domain.actions import Action, Outcome
from contctl.core.domain.audit import AuditFilter, AuditRecord, ChainedRecord
from contctl.core.domain.audit_chain import Anchor, Segment
from contctl.core.domain.audit_check import Verification
from contctl.core.domain.containers import Container, Inspection, ListQuery, Port
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.images import Image, ImageQuery
from contctl.core.domain.observed import Change, Processes
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import (
    AttachSpec,
    Chunk,
    Condition,
    Event,
    EventQuery,
    ExecSpec,
    Exited,
    Frame,
    LogOptions,
    Progress,
    Stats,
)
from contctl.core.domain.tokens import TokenPair
from contctl.core.domain.transfers import (
    CommitSpec,
    PathStat,
    Pruned,
    PruneQuery,
    PullOptions,
    PutOptions,
)
from contctl.core.errors import ContctlError

Refs = tuple[str, ...]
Errors = tuple[ContctlError | None, ...]


_ACTED_ON_AT_ONCE = 16


class Kind(StrEnum):
    """How an operation goes over the wire."""

    ANSWER = "answer"
    STREAM = "stream"
    UPLOAD = "upload"
    DUPLEX = "duplex"


@dataclasses.dataclass(frozen=True)
class Operation:
    """A method of a part of the API, or a property of one.

    arguments: their types by the method's own names, without an upload's tar stream.
    answer: the type of the answer, or of an item of a stream.
    hashes: whether it may hash a password, which takes 64 MiB of memory for a moment.
    """

    part: str
    method: str
    arguments: Mapping[str, Any]
    answer: Any
    kind: Kind = Kind.ANSWER
    hashes: bool = False

    @property
    def name(self) -> str:
        """As logs and descriptions name it: `containers/act`."""
        return f"{self.part}/{self.method}"

    @property
    def path(self) -> str:
        """Where it is on the gateway."""
        return f"/v1/{self.name}"

    def width(self, request: Any) -> int:
        """How many streams a request counts as: each container of one has a thread and a connection
        to the engine, and an action works on a few at a time."""
        targets = len(getattr(request, "refs", ()))
        return max(1, min(targets, _ACTED_ON_AT_ONCE) if self.method == "act" else targets)

    @cached_property
    def request(self) -> Any:
        """A dataclass whose fields are the arguments, with the defaults of the API's method."""
        name = "".join(word.title() for word in f"{self.part}_{self.method}".split("_"))
        fields = [
            (argument, type_, dataclasses.field(default=self._default(argument)))
            for argument, type_ in self.arguments.items()
        ]
        return dataclasses.make_dataclass(f"{name}Request", fields, frozen=True)

    def _default(self, argument: str) -> Any:
        method = getattr(PARTS[self.part], self.method)
        default = inspect.signature(method).parameters[argument].default
        return dataclasses.MISSING if default is inspect.Parameter.empty else default

    @property
    def description(self) -> str:
        """The first paragraphs of its documentation in the API, as they stand there."""
        return inspect.getdoc(getattr(PARTS[self.part], self.method)) or ""

    def call(self, authority: api.Authority, request: Any, **others: object) -> Any:
        """Do it with the arguments that `request`, one of `self.request`, holds, and `others`."""
        found = getattr(getattr(authority, self.part), self.method)
        if not callable(found):
            return found
        return found(**{name: getattr(request, name) for name in self.arguments}, **others)


PARTS: Mapping[str, type] = {
    "session": api.SessionAuthority,
    "logins": api.Logins,
    "ci_tokens": api.CiTokens,
    "users": api.Users,
    "password_rules": api.PasswordRules,
    "rights": api.Rights,
    "containers": api.Containers,
    "audit": api.AuditTrail,
    "keys": api.Keys,
}

NOT_OFFERED = frozenset({"session/identity"})
"""What a gateway says of itself must not choose which tokens it is sent."""

_SESSION = (
    Operation("session", "check_uninitialised", {}, None),
    Operation("session", "initialise", {"username": str, "password": Secret}, User, hashes=True),
    Operation("session", "login", {"username": str, "password": Secret}, Issued, hashes=True),
    Operation("session", "refresh", {"token": Secret}, TokenPair),
    Operation("session", "logout", {"token": Secret, "everywhere": bool}, User | None),
    Operation("session", "status", {}, SessionState),
    Operation("session", "note_printing", {}, None),
)

_ACCOUNTS = (
    Operation("logins", "list", {"user": str | None}, tuple[Login, ...]),
    Operation("logins", "revoke", {"session_ids": Refs}, Errors),
    Operation(
        "ci_tokens",
        "create",
        {"name": str, "role": Role, "scope": Scope, "lifetime": int},
        NewToken,
    ),
    Operation("ci_tokens", "list", {"user": str | None}, tuple[OwnedToken, ...]),
    Operation("ci_tokens", "revoke", {"token_ids": Refs}, Errors),
    Operation("ci_tokens", "current", {}, TokenStatus | None),
    Operation(
        "users",
        "add",
        {"name": str, "password": Secret, "role": Role | None},
        Account,
        hashes=True,
    ),
    Operation("users", "check_new", {"name": str}, None),
    Operation("users", "list", {}, Account, Kind.STREAM),
    Operation("users", "show", {"name": str | None}, Account),
    Operation("users", "grant", {"name": str, "role": Role, "scope": Scope}, Grant),
    Operation("users", "revoke", {"name": str, "grant_id": str}, Account),
    Operation("users", "set_password", {"name": str | None, "password": Secret}, User, hashes=True),
    Operation("users", "set_enabled", {"name": str, "enabled": bool}, User),
    Operation("users", "unlock", {"name": str}, User),
    Operation("users", "remove", {"name": str}, User),
    Operation("password_rules", "min_length", {}, int),
    Operation("password_rules", "check", {"username": str, "password": Secret}, None),
    Operation(
        "rights",
        "can",
        {"permission": Permission, "ref": str | None, "user": str | None},
        bool,
    ),
    Operation("rights", "all", {"ref": str | None, "user": str | None}, tuple[Permission, ...]),
)

_CONTAINERS = (
    Operation("containers", "list", {"query": ListQuery}, tuple[Container, ...]),
    Operation("containers", "inspect", {"refs": Refs, "size": bool}, tuple[Inspection, ...]),
    Operation("containers", "act", {"action": Action, "refs": Refs}, Outcome, Kind.STREAM),
    Operation("containers", "create", {"spec": CreateSpec, "request": str}, Created),
    Operation("containers", "logs", {"refs": Refs, "options": LogOptions}, Chunk, Kind.STREAM),
    Operation("containers", "stats", {"refs": Refs, "stream": bool}, Stats, Kind.STREAM),
    Operation("containers", "events", {"query": EventQuery}, Event, Kind.STREAM),
    Operation("containers", "wait", {"refs": Refs, "until": Condition}, Exited, Kind.STREAM),
    Operation("containers", "top", {"ref": str, "args": tuple[str, ...]}, Processes),
    Operation("containers", "ports", {"ref": str}, tuple[Port, ...]),
    Operation("containers", "changes", {"ref": str}, tuple[Change, ...]),
    Operation("containers", "exec", {"ref": str, "spec": ExecSpec}, Frame, Kind.DUPLEX),
    Operation("containers", "attach", {"ref": str, "spec": AttachSpec}, Frame, Kind.DUPLEX),
    Operation("containers", "stat", {"ref": str, "path": str}, PathStat),
    Operation("containers", "get_archive", {"ref": str, "path": str}, bytes, Kind.STREAM),
    Operation(
        "containers",
        "put_archive",
        {"ref": str, "path": str, "options": PutOptions | None},
        None,
        Kind.UPLOAD,
    ),
    Operation("containers", "export", {"ref": str}, bytes, Kind.STREAM),
    Operation("containers", "commit", {"ref": str, "spec": CommitSpec}, str),
    Operation("containers", "prune", {"query": PruneQuery}, Pruned),
    Operation("containers", "images", {"query": ImageQuery}, tuple[Image, ...]),
    Operation(
        "containers",
        "pull",
        {"image": str, "auth": Secret | None, "options": PullOptions | None},
        Progress,
        Kind.STREAM,
    ),
)

_UPKEEP = (
    Operation("audit", "list", {"query": AuditQuery}, AuditRecord, Kind.STREAM),
    Operation("audit", "follow", {"query": AuditQuery}, AuditRecord, Kind.STREAM),
    Operation("audit", "export", {"wanted": AuditFilter | None}, ChainedRecord, Kind.STREAM),
    Operation("audit", "verify", {"anchor": Anchor | None}, Verification),
    Operation("audit", "head", {}, Anchor),
    Operation("audit", "rotate", {}, Segment),
    Operation("keys", "rotate", {"emergency": bool}, KeysRotated),
)

OPERATIONS = _SESSION + _ACCOUNTS + _CONTAINERS + _UPKEEP
