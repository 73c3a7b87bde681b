"""user and audit: what they print and how they end."""

import json

import pytest

from contctl.core.domain.roles import Role
from tests.commands.harness import PASSWORD, Shell

LINE = f"{PASSWORD}\n".encode()


def test_add_show_list_and_remove(shell: Shell) -> None:
    result = shell.run("user", "add", "bob", "--role", "operator", "--password-stdin", stdin=LINE)
    assert (result.code, result.out, result.err) == (0, "", "added bob (operator)\n")
    assert "state:" in shell.done("user", "show", "bob")
    lines = shell.done("user", "ls").splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["NAME", "ROLES", "STATE"],
        ["ada", "admin", "enabled"],
        ["bob", "operator", "enabled"],
    ]
    assert shell.run("user", "rm", "bob").err == "deleted bob\n"
    result = shell.run("user", "show", "bob")
    assert (result.code, result.out, result.err) == (3, "", "error: no such user: bob\n")


def test_a_person_is_asked_before_an_account_is_deleted(shell: Shell) -> None:
    def add() -> None:
        shell.done("user", "add", "bob", "--password-stdin", stdin=LINE)

    question = "Delete the account bob, its grants and sessions? [y/N] "
    add()
    for answer in (b"\n", b"n\n", b"no\n", b"bob\n", b"yess\n"):
        result = shell.run("user", "rm", "bob", stdin=answer, asked=True)
        assert (result.code, result.out) == (1, "")
        assert result.err == f"{question}nothing was deleted\n"
    result = shell.run("user", "rm", "bob", asked=True)
    assert (result.code, result.err) == (1, f"{question}\nnothing was deleted\n")
    assert shell.run("user", "show", "bob").code == 0
    for answer in (b"y\n", b"YES\n"):
        result = shell.run("user", "rm", "bob", stdin=answer, asked=True)
        assert (result.code, result.err) == (0, f"{question}deleted bob\n")
        add()
    assert shell.run("user", "rm", "-f", "bob", asked=True).err == "deleted bob\n"
    add()
    result = shell.run("--no-input", "user", "rm", "bob", asked=True)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith("\nhint: use --force\n")
    assert shell.run("--no-input", "user", "rm", "bob").err == "deleted bob\n"
    result = shell.run("user", "rm", "bob", asked=True)
    assert (result.code, result.err) == (3, "error: no such user: bob\n")


def test_json_documents(shell: Shell) -> None:
    document = json.loads(shell.done("user", "show", "ada", "--json"))
    assert sorted(document) == ["created_at", "enabled", "grants", "id", "name"]
    assert [sorted(grant) for grant in document["grants"]] == [
        ["created_at", "engine", "id", "labels", "names", "role"]
    ]
    assert json.loads(shell.done("user", "ls", "--json")) == {"users": [document]}


def test_a_user_without_a_role(shell: Shell) -> None:
    result = shell.run("user", "add", "bob", "--password-stdin", stdin=LINE)
    assert result.err == "added bob (no role)\n"
    shell.login("bob")
    result = shell.run("ps")
    assert (result.code, result.out) == (5, "")
    assert result.err == (
        "error: you are not allowed to do this: bob lacks container:list\n"
        "hint: the role 'viewer' has it; an admin can grant it\n"
    )


@pytest.mark.parametrize("name", ["Bob", "b/b", "", "é"])
def test_bad_names_end_with_2(shell: Shell, name: str) -> None:
    result = shell.run("user", "add", name, "--password-stdin", stdin=LINE)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: not a user name: ")


def test_a_taken_name_ends_with_6_before_a_password_is_read(shell: Shell) -> None:
    result = shell.run("user", "add", "ada", "--password-stdin", stdin=b"")
    assert (result.code, result.err) == (6, "error: the user name ada is taken\n")


def test_short_passwords_end_with_2(shell: Shell) -> None:
    result = shell.run("user", "add", "bob", "--password-stdin", stdin=b"short\n")
    assert result.code == 2
    assert result.err.startswith(
        "error: the password is too short: at least 15 characters are needed\nhint: "
    )


def test_disable_enable_and_passwd(shell: Shell) -> None:
    shell.done("user", "add", "bob", "--password-stdin", stdin=LINE)
    assert shell.run("user", "disable", "bob").err == "disabled bob\n"
    assert shell.run("login", "bob", "--password-stdin", stdin=LINE).code == 4
    assert shell.run("user", "enable", "bob").err == "enabled bob\n"
    new = b"another long password\n"
    result = shell.run("user", "passwd", "bob", "--password-stdin", stdin=new)
    assert result.err == "changed the password of bob\n"
    assert shell.run("login", "bob", "--password-stdin", stdin=LINE).code == 4
    assert shell.run("login", "bob", "--password-stdin", stdin=new).code == 0
    result = shell.run("user", "passwd", "--password-stdin", stdin=LINE)
    assert result.err == "changed the password of bob\n"


def test_the_last_admin_stays(shell: Shell) -> None:
    for command in ("disable", "rm"):
        result = shell.run("user", command, "ada")
        assert (result.code, result.out) == (6, "")
        assert result.err.startswith("error: ada is the last enabled admin\n")


def test_viewers_see_themselves_only(shell: Shell) -> None:
    shell.login_as(Role.VIEWER)
    assert shell.run("user", "show", "viewer").code == 0
    for args in (("show", "ada"), ("ls",), ("rm", "ada"), ("disable", "ada")):
        result = shell.run("user", *args)
        assert (result.code, result.out) == (5, "")
        assert "user:manage" in result.err


def test_the_audit_log_in_words_and_as_json(shell: Shell) -> None:
    shell.container("web")
    shell.login_as(Role.VIEWER)
    assert shell.run("stop", "web").code == 5
    assert shell.run("audit", "ls").code == 5
    shell.login("ada")
    lines = shell.done("audit", "ls").splitlines()
    assert lines[0].split() == ["TIME", "USER", "ACTION", "TARGET", "PHASE", "RESULT", "DETAIL"]
    denied = next(line for line in lines if "container:stop" in line)
    assert denied.split()[2:] == ["viewer", "container:stop", "web", "denied", "forbidden"]
    records = json.loads(shell.done("audit", "ls", "-n", "3", "--json"))["records"]
    assert len(records) == 3
    assert sorted(records[0]) == [
        "action",
        "at",
        "detail",
        "intent",
        "number",
        "phase",
        "result",
        "session_id",
        "target",
        "target_name",
        "token_id",
        "uid",
        "user",
        "user_id",
    ]


def test_grants_and_what_they_allow(shell: Shell) -> None:
    shell.container("shop-web")
    shell.done("user", "add", "bob", "--password-stdin", stdin=LINE)
    result = shell.run("user", "grant", "bob", "operator", "--name", "shop-*", "--label", "a=b")
    assert result.code == 0
    assert result.err == "granted bob operator on name shop-*, label a=b\n"
    grant = result.out.strip()
    assert f"grant {grant}:" in shell.done("user", "show", "bob")
    shell.login("bob")
    assert shell.done("ps", "-q") == ""
    assert shell.run("stop", "shop-web").code == 3
    assert shell.done("auth", "can-i", "stop") == "yes\n"
    result = shell.run("auth", "can-i", "user:manage")
    assert (result.code, result.out) == (1, "no\n")
    assert shell.run("auth", "can-i", "stop", "shop-web").code == 3
    assert shell.run("auth", "can-i", "-q", "fly").code == 2
    assert shell.run("auth", "can-i").code == 2
    assert "container:stop" in shell.done("auth", "can-i", "--list").split()
    assert shell.run("auth", "can-i", "stop", "--as", "ada").code == 5
    shell.login("ada")
    assert shell.done("auth", "can-i", "stop", "--as", "bob") == "yes\n"
    assert shell.run("user", "revoke", "bob", grant).err == f"took {grant} from bob\n"
    assert shell.run("user", "revoke", "bob", grant).code == 3
    assert shell.run("user", "grant", "bob", "god").code == 2
    assert shell.run("user", "grant", "bob", "viewer", "--label", "x").code == 2
