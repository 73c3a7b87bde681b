"""Grants: a role on the containers of a scope, and what a set of them allows.

Each grant is judged alone; one that allows is enough; without one nothing is allowed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role, narrower
from contctl.core.errors import ContctlError, ErrorCode

_GLOB = re.compile(r"[a-zA-Z0-9_.*?\[\]!-]{1,128}", re.ASCII)
_LABEL_KEY = re.compile(r"[^\s=]{1,256}")
_RESERVED = "contctl."
_SCOPED = ("container:", "image:")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which containers a grant is about; what is empty does not restrict.

    names: globs, of which one must match.  labels: which must all be there.
    engine: the engine's name.  within: another scope that must cover the container too.
    """

    names: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    engine: str | None = None
    within: "Scope | None" = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return (
            not self.names
            and not self.labels
            and self.engine is None
            and (self.within is None or self.within.is_everything)
        )


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held by a user, on the containers in `scope`. created_at: seconds since the epoch."""

    id: str
    role: Role
    created_at: int
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: a container that is there, or one that would be."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    engine: str = ""


def covers(scope: Scope, subject: Subject) -> bool:
    """Whether `subject` lies in `scope`."""
    if scope.within is not None and not covers(scope.within, subject):
        return False
    if scope.engine is not None and scope.engine != subject.engine:
        return False
    if scope.names and not any(fnmatchcase(subject.name, glob) for glob in scope.names):
        return False
    return all(subject.labels.get(key) == value for key, value in scope.labels)


def holds(grants: Iterable[Grant], permission: Permission) -> bool:
    """Whether a grant has `permission` on anything at all. What is not about containers or images
    has no scope, so only a grant on everything gives it."""
    scoped = permission.startswith(_SCOPED)
    return any(
        permission in ROLE_PERMISSIONS[grant.role] and (scoped or grant.scope.is_everything)
        for grant in grants
    )


def allows(grants: Iterable[Grant], permission: Permission, *subjects: Subject) -> bool:
    """Whether one grant has `permission` and covers every one of `subjects`."""
    return any(
        permission in ROLE_PERMISSIONS[grant.role]
        and all(covers(grant.scope, subject) for subject in subjects)
        for grant in grants
    )


def sees(grants: Iterable[Grant], subject: Subject) -> bool:
    """Whether a container is there for the holder of `grants`; otherwise it is as if absent."""
    return any(covers(grant.scope, subject) for grant in grants)


def reaches(grants: Iterable[Grant], permission: Permission, engine: str) -> bool:
    """Whether a grant has `permission` on something of the engine of that name."""
    return any(
        permission in ROLE_PERMISSIONS[grant.role] and _reaches(grant.scope, engine)
        for grant in grants
    )


def engines_within(grants: Iterable[Grant], names: Iterable[str]) -> tuple[str, ...]:
    """Those of the engines `names` of which a grant may be about something."""
    held = tuple(grants)
    return tuple(name for name in names if any(_reaches(grant.scope, name) for grant in held))


def cut(grants: Iterable[Grant], role: Role, scope: Scope) -> tuple[Grant, ...]:
    """What is left of a user's `grants` for a CI token of `role` and `scope`: each with the
    narrower role, and within both scopes. The labels of `scope` do not become the user's own (see
    `foreign_label`), or making a token would be a promotion."""
    return tuple(
        replace(
            grant,
            role=narrower(grant.role, role),
            scope=grant.scope if scope.is_everything else replace(grant.scope, within=scope),
        )
        for grant in grants
    )


def strongest(grants: Iterable[Grant], subject: Subject) -> Grant | None:
    """Of the grants that cover `subject`, the one with the most permissions."""
    covering = [grant for grant in grants if covers(grant.scope, subject)]
    return max(covering, key=lambda grant: len(ROLE_PERMISSIONS[grant.role]), default=None)


def describe(scope: Scope) -> str:
    """`scope` in a few words."""
    parts = [f"name {glob}" for glob in scope.names]
    words = [" or ".join(parts)] if parts else []
    words += [f"label {key}={value}" for key, value in scope.labels]
    words += [f"engine {scope.engine}"] if scope.engine else []
    own = ", ".join(words) or "all containers"
    return own if scope.within is None else f"{own}, of these only: {describe(scope.within)}"


def is_admin(grants: Iterable[Grant]) -> bool:
    """Whether one of `grants` is of the admin role, and of everything."""
    return any(grant.role is Role.ADMIN and grant.scope.is_everything for grant in grants)


def foreign_label(
    grants: Iterable[Grant], permission: Permission, labels: Mapping[str, str], used: Iterable[str]
) -> str | None:
    """The first key of `labels` that some grant of the store uses (`used`), while none of the
    caller's own grants that have `permission` speaks of the same key and value; None if there is
    none.

    Without this rule, whoever may create containers could put one into another team's scope.
    """
    own = {
        label
        for grant in grants
        if permission in ROLE_PERMISSIONS[grant.role]
        for label in grant.scope.labels
    }
    taken = set(used)
    foreign = (key for key in sorted(labels) if key in taken and (key, labels[key]) not in own)
    return next(foreign, None)


def check_scope(scope: Scope) -> None:
    """ContctlError USAGE for globs, labels and engines that no container could match, or none may
    have, and for a scope within a scope, which only the use of a token makes."""
    if scope.within is not None:
        raise ContctlError(ErrorCode.USAGE, "a scope within another one cannot be given")
    for glob in scope.names:
        if _GLOB.fullmatch(glob) is None:
            raise ContctlError(
                ErrorCode.USAGE,
                f"not a glob for container names: {glob!r}",
                hint="globs are written with * ? [ab] and the characters of container names",
            )
    for key, _ in scope.labels:
        if _LABEL_KEY.fullmatch(key) is None or key.startswith(_RESERVED):
            raise ContctlError(ErrorCode.USAGE, f"not a label for a scope: {key!r}")
    if scope.engine is not None and not (scope.engine and scope.engine.isprintable()):
        raise ContctlError(ErrorCode.USAGE, f"not an engine: {scope.engine!r}")


def _reaches(scope: Scope, engine: str) -> bool:
    return scope.engine in (None, engine) and (
        scope.within is None or _reaches(scope.within, engine)
    )
