"""key rotate: what it prints and how it ends."""

from contctl.core.domain.roles import Role
from tests.commands.harness import Shell


def test_a_rotation_says_what_it_did(shell: Shell) -> None:
    result = shell.run("key", "rotate")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "tokens are signed with the new key key-2\nolder keys that still verify: 1; dropped: 0\n"
    )
    assert shell.done("whoami") == "ada\n"


def test_an_emergency_says_what_has_to_be_done(shell: Shell) -> None:
    result = shell.run("key", "rotate", "--emergency")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "tokens are signed with the new key key-2\n"
        "older keys that were dropped: 1\n"
        "sessions that were ended: 1; CI tokens stay good, for no key signs them\n"
        "the audit log goes on in a new segment, under a new key\n"
        "hint: everyone has to run 'contctl login' now, you too\n"
    )
    result = shell.run("whoami")
    assert (result.code, result.err) == (
        4,
        "error: the token is not valid\nhint: run 'contctl login'\n",
    )
    shell.login("ada")


def test_only_an_admin_rotates_keys(shell: Shell) -> None:
    shell.login_as(Role.DEVELOPER)
    result = shell.run("key", "rotate", "--emergency")
    assert (result.code, result.out) == (5, "")
    assert "key:manage" in result.err
    assert shell.done("whoami") == "developer\n"
