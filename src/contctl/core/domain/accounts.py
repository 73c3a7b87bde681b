"""Accounts: users, their names, and the grants that they hold."""

import re
from dataclasses import dataclass

from contctl.core.domain.grants import Grant
from contctl.core.errors import ContctlError, ErrorCode

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class User:
    """An account. `id` is immutable and never used again; times are seconds since the epoch."""

    id: str
    name: str
    enabled: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class Account:
    """A user together with the grants it holds."""

    user: User
    grants: tuple[Grant, ...]


def check_username(name: str) -> str:
    """`name` itself; ContctlError USAGE where it could not be a user's name."""
    if _USERNAME.fullmatch(name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a user name: {name!r}",
            hint="user names are 1 to 64 of a-z 0-9 . _ - and begin with a letter or a digit",
        )
    return name
