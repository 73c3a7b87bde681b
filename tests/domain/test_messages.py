"""What people read when they typed something wrong: the whole line, and the whole hint."""

from collections.abc import Callable

import pytest

from contctl.core.domain.accounts import check_username
from contctl.core.domain.containers import no_such_container, resolve
from contctl.core.domain.create import CreateSpec, check_spec
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential
from contctl.core.domain.durations import parse_duration
from contctl.core.domain.roles import parse_permission
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from tests.domain.test_references import container

USAGE = ErrorCode.USAGE
LONG = Secret("x" * MAX_CHARACTERS)
ALIKE = [container("ab" * 32), container("ac" * 32)]


def no_such() -> None:
    raise no_such_container("web")


@pytest.mark.parametrize(
    ("wrong", "code", "message", "hint"),
    [
        (
            lambda: check_username("Ada"),
            USAGE,
            "not a user name: 'Ada'",
            "user names are 1 to 64 of a-z 0-9 . _ - and begin with a letter or a digit",
        ),
        (
            lambda: parse_duration("5w"),
            USAGE,
            "not a duration: '5w'",
            "durations are written 90s, 10m, 12h or 7d",
        ),
        (
            lambda: parse_permission("fly"),
            USAGE,
            "not a permission: 'fly'",
            "permissions are written like 'stop', 'container:stop' or 'user:manage'",
        ),
        (lambda: check_spec(CreateSpec("")), USAGE, "an image is needed", None),
        (
            lambda: check_spec(CreateSpec("image", labels={"contctl.x": "1"})),
            USAGE,
            "the label contctl.x is reserved: labels that begin with contctl. are contctl's own",
            None,
        ),
        (
            lambda: check_spec(CreateSpec("image", network="host")),
            USAGE,
            "not a network that contctl offers: 'host'",
            "the networks are 'bridge' and 'none'",
        ),
        (
            lambda: check_spec(CreateSpec("image", name="a b")),
            USAGE,
            "not a container name: 'a b'",
            "names are two or more of a-z A-Z 0-9 _ . - and begin with a letter or a digit",
        ),
        (no_such, ErrorCode.NOT_FOUND, "no such container: web", None),
        (lambda: resolve("b", ALIKE), ErrorCode.NOT_FOUND, "no such container: b", None),
        (
            lambda: resolve("a", ALIKE),
            ErrorCode.CONFLICT,
            "the ID prefix a means 2 containers",
            "give more of the ID, or the name",
        ),
        (
            lambda: Credential.from_json("{}"),
            ErrorCode.STORE,
            "the stored credentials are damaged",
            "run 'contctl login' to replace them",
        ),
        (
            lambda: Credential(LONG, LONG, 1).to_json(),
            ErrorCode.STORE,
            "the tokens are too long for a keyring item",
            None,
        ),
    ],
)
def test_messages(
    wrong: Callable[[], object], code: ErrorCode, message: str, hint: str | None
) -> None:
    with pytest.raises(ContctlError) as caught:
        wrong()
    error = caught.value
    assert (error.code, error.message, error.hint) == (code, message, hint)
