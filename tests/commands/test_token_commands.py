"""`contctl token`, and what a CI token changes in other commands, on fakes."""

import json

import pytest

from contctl.core.domain.roles import Role
from tests.commands.harness import IMAGE, PASSWORD, Shell

NOT_VALID = (
    "error: the CI token in CONTCTL_TOKEN is not valid\n"
    "hint: make a new one with 'contctl token create', or unset CONTCTL_TOKEN\n"
)


def created(shell: Shell, *args: str) -> str:
    """A new token of whoever is logged in."""
    return shell.done("token", "create", "deploy", *args).strip()


def test_a_token_is_printed_alone_and_described_beside_it(shell: Shell) -> None:
    result = shell.run(
        "token", "create", "deploy", "--role", "operator", "--name", "shop-*", "--name", "db",
        "--label", "team=shop", "--engine", "fake", "--expires", "12h",
    )  # fmt: skip
    assert result.code == 0
    assert len(result.out) == 93
    token_id = result.out[4:20]
    assert result.err.startswith(
        f"made the token deploy with the ID {token_id}: operator on name shop-* or name db,"
        " label team=shop, engine fake, until "
    )
    assert result.out.strip() not in result.err
    (token,) = json.loads(shell.done("token", "ls", "--json"))["tokens"]
    user_id = token.pop("user_id")
    assert user_id == json.loads(shell.done("whoami", "--json"))["user_id"]
    assert token == {
        "id": token_id,
        "name": "deploy",
        "user": "ada",
        "role": "operator",
        "names": ["shop-*", "db"],
        "labels": {"team": "shop"},
        "engine": "fake",
        "created_at": "2023-11-14T22:13:20Z",
        "expires_at": "2023-11-15T10:13:20Z",
    }


def test_a_token_as_json(shell: Shell) -> None:
    document = json.loads(shell.done("token", "create", "deploy", "--json"))
    text = document.pop("token")
    assert text[4:20] == document["id"]
    assert document["expires_at"] == "2023-12-14T22:13:20Z"
    assert (document["role"], document["names"], document["labels"]) == ("admin", [], {})
    assert json.loads(shell.done("token", "ls", "--json")) == {"tokens": [document]}
    shell.use_token(text)
    assert shell.done("whoami") == "ada\n"


def test_tokens_are_listed_and_ended(shell: Shell) -> None:
    assert shell.done("token", "ls", "-q") == ""
    ids = [created(shell)[4:20] for _ in range(3)]
    assert shell.done("token", "ls", "-q").split() == sorted(ids)
    assert shell.done("token", "ls").splitlines()[0].split() == [
        "TOKEN", "ID", "NAME", "USER", "ROLE", "SCOPE", "CREATED", "EXPIRES",
    ]  # fmt: skip
    assert (
        shell.done("token", "ls", "--format", "{{.Name}} {{.Role}} {{.Scope}}").splitlines()
        == ["deploy admin all containers"] * 3
    )
    result = shell.run("token", "revoke", ids[0], "nope", ids[1])
    assert (result.code, result.out) == (3, f"{ids[0]}\n{ids[1]}\n")
    assert result.err == "error: no such token: nope\n"
    assert shell.done("token", "ls", "-q").split() == [ids[2]]
    shell.clock.advance(30 * 86400)
    shell.login("ada")
    assert shell.done("token", "ls", "-q") == ""


def test_an_admin_lists_and_ends_those_of_others(shell: Shell) -> None:
    shell.login_as(Role.VIEWER)
    token_id = created(shell)[4:20]
    result = shell.run("token", "ls", "--user", "ada")
    assert (result.code, result.out) == (5, "")
    assert result.err.startswith("error: you are not allowed to do this: viewer lacks token:manage")
    shell.login("ada")
    assert shell.done("token", "ls", "--user", "viewer", "-q") == f"{token_id}\n"
    assert shell.done("token", "revoke", token_id) == f"{token_id}\n"
    assert shell.run("token", "ls", "--user", "nobody").code == 3


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a b"], "not a token's name: 'a b'"),
        (["x", "--expires", "91d"], "a CI token lasts from one second to 90 days"),
        (["x", "--expires", "never"], "not a duration: 'never'"),
        (["x", "--label", "team"], "not a label: 'team'"),
        (["x", "--name", "a b"], "not a glob for container names: 'a b'"),
        (["x", "--engine", "\udcff"], "not an engine: '\\udcff'"),
        (["x", "--role", "god"], "invalid value for '--role': 'god' is not one of"),
        ([], "missing argument 'TOKEN-NAME'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    shell: Shell, args: list[str], message: str
) -> None:
    result = shell.run("token", "create", *args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {message}")
    assert shell.done("token", "ls", "-q") == ""


def test_whoami_and_status_speak_of_the_token(shell: Shell) -> None:
    session = json.loads(shell.done("whoami", "--json"))
    shell.use_token(created(shell, "--role", "viewer", "--name", "shop-*"))
    assert shell.done("whoami") == "ada\n"
    document = json.loads(shell.done("auth", "status", "--json"))
    assert document == json.loads(shell.done("whoami", "--json"))
    assert document.keys() == session.keys()
    assert (document["user"], document["roles"]) == ("ada", ["viewer"])
    assert document["session_id"] is None
    assert document["ci_token"]["name"] == "deploy"
    out = shell.done("auth", "status")
    assert "CI token:  deploy in CONTCTL_TOKEN, until " in out
    assert "at most:   viewer on name shop-*\n" in out
    assert shell.run("auth", "can-i", "stop").out == "no\n"
    assert shell.run("auth", "can-i", "logs").out == "yes\n"


def test_a_bad_token_ends_every_command_but_those_of_the_session(shell: Shell) -> None:
    shell.use_token("ctl_canary")
    for args in (
        ["ps"],
        ["whoami"],
        ["auth", "status"],
        ["auth", "can-i", "list"],
        ["user", "ls"],
        ["token", "ls"],
        ["token", "create", "x"],
        ["token", "revoke", "x"],
        ["session", "ls"],
        ["audit", "ls"],
        ["stop", "web"],
    ):
        result = shell.run(*args)
        assert (result.code, result.out, result.err) == (4, "", NOT_VALID), args
    result = shell.run("run", IMAGE)
    assert (result.code, result.out) == (125, "")
    assert result.err == NOT_VALID.replace("error:", "error[not-authenticated]:")
    warning = "warning: CONTCTL_TOKEN is set, and other commands use its CI token\n"
    result = shell.run("login", "ada", "--password-stdin", stdin=PASSWORD.encode())
    assert result.code == 0
    assert result.err.endswith(warning)
    assert shell.run("refresh").code == 0
    result = shell.run("logout")
    assert (result.code, result.err) == (0, f"logged out ada\n{warning}")


def test_a_refusal_names_the_token(shell: Shell) -> None:
    shell.container("web")
    shell.use_token(created(shell, "--role", "viewer"))
    result = shell.run("stop", "web")
    assert (result.code, result.out) == (5, "")
    assert result.err == (
        "error: you are not allowed to do this: the CI token of ada lacks container:stop\n"
        "hint: the role 'operator' has it; both the token and its owner need it\n"
    )
    result = shell.run("user", "add", "eve", "--password-stdin", stdin=PASSWORD.encode())
    assert result.code == 5


def test_a_token_makes_no_credentials(shell: Shell) -> None:
    shell.use_token(created(shell))
    for args in (
        ["token", "create", "x"],
        ["user", "add", "eve", "--password-stdin"],
        ["user", "passwd", "--password-stdin"],
    ):
        result = shell.run(*args, stdin=PASSWORD.encode())
        assert (result.code, result.out) == (5, "")
        assert result.err.startswith("error: a CI token cannot make credentials: ")
    result = shell.run("auth", "print-access-token")
    assert (result.code, result.out) == (4, "")
    assert result.err == (
        "error: a CI token is in use, and it has no access token\nhint: unset CONTCTL_TOKEN\n"
    )


def test_the_access_token_is_printed(shell: Shell) -> None:
    out = shell.done("auth", "print-access-token")
    kept = json.loads(next(iter(shell.ports.stores.keyring.texts.values())))
    assert out == f"{kept['access']}\n"
    shell.clock.advance(600)
    result = shell.run("auth", "print-access-token")
    assert (result.code, result.out) == (4, "")
    shell.run("logout")
    assert shell.run("auth", "print-access-token").code == 4


def test_the_audit_log_tells_which_token_it_was(shell: Shell) -> None:
    shell.container("web")
    text = created(shell)
    shell.use_token(text)
    shell.done("stop", "web")
    records = json.loads(shell.done("audit", "ls", "-n", "2", "--json"))["records"]
    assert [record["token_id"] for record in records] == [text[4:20]] * 2
    assert [record["session_id"] for record in records] == ["", ""]


def test_doctor_needs_no_keyring_with_a_token(shell: Shell) -> None:
    shell.use_token(created(shell))
    lines = shell.done("doctor").splitlines()
    assert "ok    credentials  not needed: CONTCTL_TOKEN is set" in lines
