"""Permissions, and the roles that bundle them (CONTRACT, "Roles and permissions")."""

from enum import StrEnum

from contctl.core.errors import ContctlError, ErrorCode


class Permission(StrEnum):
    """One thing that an account may be allowed to do."""

    LIST = "container:list"
    INSPECT = "container:inspect"
    LOGS = "container:logs"
    STATS = "container:stats"
    WAIT = "container:wait"
    TOP = "container:top"
    PORT = "container:port"
    DIFF = "container:diff"
    EVENTS = "container:events"
    START = "container:start"
    STOP = "container:stop"
    RESTART = "container:restart"
    KILL = "container:kill"
    PAUSE = "container:pause"
    CREATE = "container:create"
    EXEC = "container:exec"
    ATTACH = "container:attach"
    COPY = "container:copy"
    RENAME = "container:rename"
    UPDATE = "container:update"
    REMOVE = "container:remove"
    EXPORT = "container:export"
    INSPECT_ENV = "container:inspect-env"
    IMAGE_LIST = "image:list"
    IMAGE_PULL = "image:pull"
    CREATE_PRIVILEGED = "container:create-privileged"
    PRUNE = "container:prune"
    COMMIT = "container:commit"
    USER_MANAGE = "user:manage"
    TOKEN_MANAGE = "token:manage"  # noqa: S105 - a permission's name, not a token
    SESSION_MANAGE = "session:manage"
    AUDIT_READ = "audit:read"
    KEY_MANAGE = "key:manage"
    STORE_MANAGE = "store:manage"


class Role(StrEnum):
    """A named bundle of permissions; each role has all that the one before it has."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    DEVELOPER = "developer"
    ADMIN = "admin"


P = Permission
_VIEWER = frozenset({P.LIST, P.INSPECT, P.LOGS, P.STATS, P.WAIT, P.TOP, P.PORT, P.DIFF, P.EVENTS})
_OPERATOR = _VIEWER | {P.START, P.STOP, P.RESTART, P.KILL, P.PAUSE}
_DEVELOPER = _OPERATOR | {
    P.CREATE,
    P.EXEC,
    P.ATTACH,
    P.COPY,
    P.RENAME,
    P.UPDATE,
    P.REMOVE,
    P.EXPORT,
    P.INSPECT_ENV,
    P.IMAGE_LIST,
    P.IMAGE_PULL,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.DEVELOPER: _DEVELOPER,
    Role.ADMIN: frozenset(Permission),
}


def narrower(one: Role, other: Role) -> Role:
    """The role that has what both have."""
    return min(one, other, key=lambda role: len(ROLE_PERMISSIONS[role]))


def parse_permission(text: str) -> Permission:
    """The permission of that name, in which `container:` may be left out; ContctlError USAGE."""
    for name in (text, f"container:{text}"):
        if name in list(Permission):
            return Permission(name)
    raise ContctlError(
        ErrorCode.USAGE,
        f"not a permission: {text!r}",
        hint="permissions are written like 'stop', 'container:stop' or 'user:manage'",
    )
