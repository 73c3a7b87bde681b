"""Tokens: planted in the credential file of a machine whose commands then read them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contctl.core.domain.tokens import TokenKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.sessions import SessionService
from tests.adversarial.forger import Forger
from tests.adversarial.homes import (
    credential_file,
    in_process,
    no_engine,
    planted,
    rows,
    stored,
    with_tokens,
)
from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import PASSWORD, Machine
from tests.tokens.forge import compact, segment, signed

ACCESS, REFRESH = TokenKind.ACCESS, TokenKind.REFRESH
COMMAND = {ACCESS: "whoami", REFRESH: "refresh"}
USE: dict[TokenKind, Callable[[SessionService], object]] = {
    ACCESS: lambda sessions: sessions.status(),
    REFRESH: lambda sessions: sessions.refresh(None),
}
NOT_VALID = "the token is not valid"
LINE = PASSWORD.encode()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which `ada` is logged in."""
    machine = no_engine(tmp_path_factory.mktemp("tokens"))
    machine.init()
    return machine


@pytest.fixture(scope="module")
def forger(target: Machine) -> Forger:
    """Its forger."""
    return Forger(target)


@pytest.fixture(autouse=True)
def nothing_is_lost(target: Machine) -> Iterator[None]:
    """After each attack the genuine tokens are worth what they were."""
    before = rows(target, "SELECT * FROM sessions")
    yield
    assert rows(target, "SELECT * FROM sessions") == before
    assert in_process(target).sessions.status().user.name == "ada"


def assert_worthless(
    target: Machine, kind: TokenKind, *tokens: str, message: str = NOT_VALID
) -> None:
    """Assert that each of `tokens` is refused where those of `kind` are used: in this process, and
    the last one by the command, which does not show it."""
    for token in tokens:
        assert judged(target, kind, token) == message
    with planted(target, with_tokens(target, **{kind: tokens[-1]})):
        result = target.run(COMMAND[kind])
    assert_refused(result, 4, message)
    assert not any(len(part) > 8 and part in result.err for part in tokens[-1].split("."))


def judged(target: Machine, kind: TokenKind, token: str) -> str:
    """Why this process, whose code is the command's, refuses `token` put in place."""
    with (
        planted(target, with_tokens(target, **{kind: token})),
        pytest.raises(ContctlError) as caught,
    ):
        USE[kind](in_process(target).sessions)
    assert caught.value.code is ErrorCode.NOT_AUTHENTICATED
    return caught.value.message


def test_the_forger_can_make_a_right_token(target: Machine, forger: Forger) -> None:
    for kind in TokenKind:
        assert forger.with_claims(kind) == stored(target)[kind]
    soon = int(time.time()) + 10
    early = forger.with_claims(ACCESS, iat=soon, nbf=soon)
    with planted(target, with_tokens(target, access=early)):
        assert target.done("whoami") == "ada\n"


@pytest.mark.parametrize("algorithm", ["none", "nOnE", "", None, "HS384", "RS256", "ES256"])
def test_none_and_other_algorithms(target: Machine, forger: Forger, algorithm: str | None) -> None:
    signed_all_the_same = forger.with_header(ACCESS, alg=algorithm)
    assert_worthless(target, ACCESS, signed_all_the_same, forger.unsigned(ACCESS, alg=algorithm))


def test_key_confusion(target: Machine, forger: Forger) -> None:
    raw = forger.keys.keys[forger.keys.current]
    issuer = forger.claims(ACCESS)["iss"].encode()
    keys = (b"\0", issuer, forger.keys.current.encode(), raw, forger.key(REFRESH))
    assert_worthless(target, ACCESS, *(forger.with_header(ACCESS, key=key) for key in keys))
    assert_worthless(target, ACCESS, forger.with_header(ACCESS, alg="HS512", digest="sha512"))
    assert_worthless(target, REFRESH, forger.with_header(REFRESH, key=forger.key(ACCESS)))


@pytest.mark.parametrize(
    "key_ids",
    [
        ["/dev/null", "../contctl.db", "../../../../../../../../dev/null"],
        ["' OR '1'='1", "x'; DROP TABLE users; --", "x' UNION SELECT 'AAAA' --"],
        ["", None, ["a"], {"$ne": ""}],
    ],
    ids=["path", "sql", "type"],
)
def test_kid_as_a_path_or_sql(target: Machine, forger: Forger, key_ids: list[object]) -> None:
    for kind in TokenKind:
        # An attacker knows what is in /dev/null: nothing.
        for key in (b"\0", forger.key(kind)):
            forged = [forger.with_header(kind, key=key, kid=key_id) for key_id in key_ids]
            assert_worthless(target, kind, *forged)


@pytest.mark.parametrize(
    "embedded",
    [
        {"jwk": {"kty": "oct", "k": segment(b"k" * 32)}},
        {"jku": "http://127.0.0.1:9/keys"},
        {"x5u": "http://127.0.0.1:9/certificate"},
        {"x5c": ["MIIB"]},
    ],
    ids=str,
)
def test_embedded_keys(target: Machine, forger: Forger, embedded: dict[str, Any]) -> None:
    rightly_signed = forger.with_header(ACCESS, **embedded)
    by_the_embedded_key = forger.with_header(ACCESS, key=b"k" * 32, **embedded)
    assert_worthless(target, ACCESS, rightly_signed, by_the_embedded_key)


def test_swapped_kinds(target: Machine, forger: Forger) -> None:
    assert_worthless(target, ACCESS, forger.tokens[REFRESH])
    assert_worthless(target, REFRESH, forger.tokens[ACCESS])
    for kind, other in ((ACCESS, REFRESH), (REFRESH, ACCESS)):
        claims = compact(forger.claims(other))
        whole = signed(compact(forger.header(other)), claims, forger.key(kind))
        assert_worthless(target, kind, whole, forger.of_text(kind, claims))


CLAIMS = ("iss", "aud", "sub", "sid", "jti", "gen", "iat", "nbf", "exp")


@pytest.mark.parametrize("kind", TokenKind)
def test_every_claim_missing(target: Machine, forger: Forger, kind: TokenKind) -> None:
    assert_worthless(target, kind, *(forger.without(kind, name) for name in CLAIMS))
    assert_worthless(target, kind, forger.of_text(kind, b"{}"))


@pytest.mark.parametrize("kind", TokenKind)
def test_every_claim_wrong(target: Machine, forger: Forger, kind: TokenKind) -> None:
    session = forger.claims(kind)["sid"]
    not_valid: list[dict[str, object]] = [
        {"iss": "00000000-0000-4000-8000-000000000000"},
        {"aud": "contctl"},
        {"jti": f"{session}.7.{kind}"},
        {"role": "admin"},
    ]
    assert_worthless(target, kind, *(forger.with_claims(kind, **each) for each in not_valid))
    nobodys: list[dict[str, object]] = [
        {"sub": "0" * 32},
        {"sid": "0" * 32, "jti": f"{'0' * 32}.1.{kind}"},
        {"sub": "' OR '1'='1"},
    ]
    forged = [forger.with_claims(kind, **each) for each in nobodys]
    assert_worthless(target, kind, *forged, message="the session has ended")
    newer = forger.with_claims(kind, gen=9, jti=f"{session}.9.{kind}")
    message = "the store does not know this session's latest tokens"
    assert_worthless(target, kind, newer, message=message)


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_of_another_type(target: Machine, forger: Forger, name: str) -> None:
    right = forger.claims(ACCESS)[name]
    values = (None, True, {"": right}, -1, 1.5, f"{right}\n", "", 2**64, [right])
    forged = [forger.with_claims(ACCESS, **{name: value}) for value in values]
    assert_worthless(target, ACCESS, *forged)


def test_an_expired_token(target: Machine, forger: Forger) -> None:
    past = int(time.time()) - 1
    expired = forger.with_claims(ACCESS, exp=past)
    assert_worthless(target, ACCESS, expired, message="the access token has expired")
    expired = forger.with_claims(REFRESH, exp=past)
    assert_worthless(target, REFRESH, expired, message="the session has expired")


def test_an_early_token(target: Machine, forger: Forger) -> None:
    for kind in TokenKind:
        ahead = int(time.time()) + 300
        not_before = forger.with_claims(kind, nbf=ahead)
        assert_worthless(target, kind, not_before, forger.with_claims(kind, iat=ahead, nbf=ahead))


@pytest.mark.parametrize("kind", TokenKind)
def test_a_token_cut_at_each_byte(target: Machine, forger: Forger, kind: TokenKind) -> None:
    token = forger.tokens[kind]
    for at in range(len(token)):
        assert judged(target, kind, token[:at]) == NOT_VALID
        assert judged(target, kind, token[at + 1 :]) == NOT_VALID
    for at in (0, token.index("."), token.rindex(".") + 1, len(token) - 1):
        assert_worthless(target, kind, token[:at])


def test_a_credential_file_cut_at_each_byte(target: Machine) -> None:
    content = credential_file(target).read_bytes()
    for at in range(len(content)):
        with planted(target, content[:at]), pytest.raises(ContctlError) as caught:
            in_process(target).sessions.status()
        assert caught.value.code is ErrorCode.STORE
    for command, at in (("whoami", 0), ("refresh", 1), ("ps", len(content) - 1)):
        with planted(target, content[:at]):
            assert_refused(target.run(command), 9, "the stored credentials are damaged")


@pytest.mark.parametrize("kind", TokenKind)
def test_a_padded_token(target: Machine, forger: Forger, kind: TokenKind) -> None:
    token = forger.tokens[kind]
    head, claims, signature = token.split(".")
    padded = (
        f"{token}==",
        f"{head}=.{claims}.{signature}",
        f"{head}.{claims}==.{signature}",
        f" {token}",
        f"{token}\n",
        f"Bearer {token}",
        f"{token}.",
        f"{token}=",
    )
    assert_worthless(target, kind, *padded)


def test_a_huge_token(target: Machine, forger: Forger) -> None:
    assert_worthless(
        target,
        ACCESS,
        "." * 50_000,
        "A" * 50_000,
        forger.with_claims(ACCESS, sub="u" * 4096),
        forger.tokens[ACCESS] + "A" * 50_000,
    )
    with planted(target, with_tokens(target, access="A" * 10_000_000)):
        assert_refused(target.run("whoami"), 9, "more than 65536 bytes long")


@pytest.mark.parametrize("text", [b"[" * 2900, b'{"a":' * 560, b"9" * 2900, b"[" + b"{}," * 900])
def test_a_deeply_nested_token(target: Machine, forger: Forger, text: bytes) -> None:
    header = signed(text, b"{}", forger.key(ACCESS))
    assert_worthless(target, ACCESS, header, forger.of_text(ACCESS, text))
    with planted(target, text * 10):
        assert_refused(target.run("whoami"), 9, "the stored credentials are damaged")


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\u202e", "\u0430", "\x1b[31m"])
def test_nul_and_surrogates(target: Machine, forger: Forger, odd: str) -> None:
    token = forger.tokens[ACCESS]
    hostile = (odd + token, odd, token.replace(".", odd), token + odd)
    assert_worthless(target, ACCESS, *hostile)
    assert_worthless(target, REFRESH, forger.tokens[REFRESH] + odd)
    raw = odd.encode("utf-8", "surrogatepass").join([b'{"access":"', b'","refresh":"","gen":1}'])
    with planted(target, raw):
        result = target.run("whoami")
    assert_refused(result, 9, "the stored credentials are damaged")


def test_another_stores_token(target: Machine, tmp_path: Path) -> None:
    other = no_engine(tmp_path)
    other.init()
    theirs = stored(other)
    for kind in TokenKind:
        assert_worthless(target, kind, theirs[kind])
    with planted(target, credential_file(other).read_bytes()):
        assert_refused(target.run("whoami"), 4, NOT_VALID)
    # Their claims and key id, and even their issuer's name, with this store's key.
    ours = Forger(target)
    claims = compact({**Forger(other).claims(ACCESS), "iss": ours.claims(ACCESS)["iss"]})
    assert_worthless(target, ACCESS, ours.of_text(ACCESS, claims), message="the session has ended")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Machine:
    """A machine of its own, for what ends sessions."""
    machine = no_engine(tmp_path / "elsewhere")
    machine.home.mkdir()
    machine.init()
    return machine


def test_a_deleted_users_token(elsewhere: Machine) -> None:
    elsewhere.done("user", "add", "eve", "--role", "admin", "--password-stdin", stdin=LINE)
    elsewhere.login("eve")
    hers = credential_file(elsewhere).read_bytes()
    path = credential_file(elsewhere)
    path.unlink()
    elsewhere.login("ada")
    elsewhere.done("user", "rm", "eve")
    for again in (False, True):
        if again:
            elsewhere.done("user", "add", "eve", "--role", "admin", "--password-stdin", stdin=LINE)
        with planted(elsewhere, hers):
            for command in ("whoami", "refresh"):
                assert_refused(elsewhere.run(command), 4, "the session has ended")
    assert elsewhere.done("whoami") == "ada\n"


def test_a_copied_token_after_logout(elsewhere: Machine) -> None:
    path = credential_file(elsewhere)
    copy = path.read_bytes()
    elsewhere.done("logout")
    path.touch(0o600)
    path.write_bytes(copy)
    for command in ("whoami", "refresh", "ps"):
        assert_refused(elsewhere.run(command), 4, "the session has ended")
    elsewhere.login("ada")
    assert elsewhere.done("whoami") == "ada\n"
