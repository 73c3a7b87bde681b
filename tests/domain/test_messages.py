"""What people read when they typed something wrong: the whole line, and the whole hint."""

from collections.abc import Callable

import pytest

from contctl.core.domain.accounts import check_username
from contctl.core.domain.audit_chain import Anchor
from contctl.core.domain.ci_tokens import check_lifetime, check_token_name
from contctl.core.domain.containers import no_such_container, resolve
from contctl.core.domain.create import CreateSpec, check_image_labels, check_spec
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential
from contctl.core.domain.durations import parse_duration
from contctl.core.domain.engines import cannot
from contctl.core.domain.grants import Scope, check_scope
from contctl.core.domain.moments import parse_moment
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.passwords import check_new_password
from contctl.core.domain.roles import parse_permission
from contctl.core.domain.secret import Secret
from contctl.core.domain.weak_passwords import check_guessable
from contctl.core.errors import ContctlError, ErrorCode
from tests.domain.test_references import container

USAGE = ErrorCode.USAGE
LONG = Secret("x" * MAX_CHARACTERS)
NO_ANCHOR = ("this is not an anchor", "'contctl audit head' prints one")
CHOOSE_WELL = "a few unrelated words make a long password that is easy to keep"
ALIKE = [container("ab" * 32), container("ac" * 32)]


def no_such() -> None:
    raise no_such_container("web")


def no_pause() -> None:
    raise cannot("pause", "pods have no such state")


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
            lambda: check_spec(CreateSpec("i" * 4097)),
            USAGE,
            "that is too long for an image",
            None,
        ),
        (
            lambda: check_spec(CreateSpec("image", entrypoint="x" * 131072)),
            USAGE,
            "an argument or variable is too long: the kernel takes 128 KiB of each",
            None,
        ),
        (
            lambda: check_scope(Scope(within=Scope())),
            USAGE,
            "a scope within another one cannot be given",
            None,
        ),
        (
            lambda: check_spec(CreateSpec("image", labels={"contctl.x": "1"})),
            USAGE,
            "the label contctl.x is reserved: labels that begin with contctl. are contctl's own",
            None,
        ),
        (
            lambda: check_spec(CreateSpec("image", network="")),
            USAGE,
            "no name set for network",
            None,
        ),
        (
            lambda: check_spec(CreateSpec("image", name="a b")),
            USAGE,
            "not a container name: 'a b'",
            "names are 2 to 255 of a-z A-Z 0-9 _ . - and begin with a letter or a digit",
        ),
        (
            lambda: check_spec(CreateSpec("i", networking=Networking((Endpoint(""),)))),
            USAGE,
            "no name set for network",
            None,
        ),
        (
            no_pause,
            ErrorCode.UNSUPPORTED,
            "this engine cannot pause: pods have no such state",
            None,
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
        (
            lambda: check_image_labels("shop:1", {"team": "x", "contctl.request": "1"}),
            USAGE,
            "the image shop:1 cannot be used: its label contctl.request is reserved:"
            " labels that begin with contctl. are contctl's own",
            None,
        ),
        (
            lambda: check_token_name("a b"),
            USAGE,
            "not a token's name: 'a b'",
            "token names are 1 to 64 of a-z A-Z 0-9 . _ - and begin with a letter or a digit",
        ),
        (lambda: check_lifetime(0), USAGE, "a CI token lasts from one second to 90 days", None),
        (
            lambda: check_scope(Scope(names=("web*", "a b"))),
            USAGE,
            "not a glob for container names: 'a b'",
            "globs are written with * ? [ab] and the characters of container names",
        ),
        (
            lambda: check_scope(Scope(labels=(("team", "x"), ("a b", "x")))),
            USAGE,
            "not a label for a scope: 'a b'",
            None,
        ),
        (lambda: check_scope(Scope(engine="a\nb")), USAGE, "not an engine: 'a\\nb'", None),
        (
            lambda: parse_moment("soon", 0),
            USAGE,
            "not a time: 'soon'",
            "times are written 2026-01-31T12:00:00Z, 2026-01-31, or 10m for ten minutes ago",
        ),
        (lambda: Anchor.from_json("{"), USAGE, *NO_ANCHOR),
        (lambda: Anchor.from_json(Anchor("a", 1, 1, b"").to_json()), USAGE, *NO_ANCHOR),
        (lambda: Anchor.from_json(Anchor("a", 0, 1, bytes(32)).to_json()), USAGE, *NO_ANCHOR),
        (
            lambda: check_new_password(Secret("nul \0"), 4),
            USAGE,
            "a password is UTF-8 text without NUL of at most 1024 bytes",
            None,
        ),
        (
            lambda: check_new_password(Secret("plum"), 15),
            USAGE,
            "the password is too short: at least 15 characters are needed",
            CHOOSE_WELL,
        ),
        (
            lambda: check_guessable(Secret("grace 2026"), "grace", lambda _: False),
            USAGE,
            "the password is little more than the user's name or 'contctl'",
            CHOOSE_WELL,
        ),
        (
            lambda: check_guessable(Secret("plum jam"), "grace", "plumjam".__eq__),
            USAGE,
            "the password is on a list of common passwords, or one of them padded",
            CHOOSE_WELL,
        ),
        (
            lambda: check_guessable(Secret("qwertyuiop"), "grace", lambda _: False),
            USAGE,
            "the password is a short pattern repeated, or a row of neighbouring keys",
            CHOOSE_WELL,
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
