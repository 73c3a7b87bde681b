"""What can go wrong, from outside: the message, the exit code, and that nothing was lost."""

import json
import secrets

import pytest

from tests.e2e.machine import IMAGE, PASSWORD, Machine, Result

LINE = PASSWORD.encode()


def failed(result: Result, code: int, message: str) -> None:
    """Assert one error line that begins with `message`, at most one hint, and no output."""
    assert (result.code, result.out) == (code, ""), result.err
    error, *rest = result.err.splitlines()
    assert error.startswith(f"error: {message}")
    assert len(rest) <= 1
    assert all(line.startswith("hint: ") for line in rest)


@pytest.mark.docker
@pytest.mark.keyring
class TestContainers:
    """References and engines."""

    def test_an_unknown_container(self, machine: Machine, web: str) -> None:
        for command in ("stop", "start", "restart", "kill", "rm", "logs"):
            failed(machine.run(command, "nope"), 3, "no such container: nope")
        result = machine.run("stop", "-t", "0", "nope", web)
        assert (result.code, result.out) == (3, f"{web}\n")
        assert result.err == "error: no such container: nope\n"

    def test_an_ambiguous_prefix(self, machine: Machine) -> None:
        ids = [machine.done("run", "-d", "--rm", IMAGE, "sleep", "600").strip() for _ in range(17)]
        try:
            prefix = next(a[0] for a in ids if sum(b[0] == a[0] for b in ids) > 1)
            failed(machine.run("kill", prefix), 6, f"the ID prefix {prefix} means ")
            running = machine.done("ps", "-q", "--no-trunc").split()
            assert set(ids) <= set(running)
        finally:
            machine.done("rm", "-f", *ids)

    def test_a_stopped_container_is_stopped_again(self, machine: Machine, web: str) -> None:
        for _ in range(2):
            assert machine.done("stop", "-t", "0", web) == f"{web}\n"

    def test_removing_nothing_by_force(self, machine: Machine) -> None:
        result = machine.run("rm", "-f", "nope")
        assert (result.code, result.out, result.err) == (0, "", "no such container: nope\n")

    def test_no_engine(self, machine: Machine, web: str) -> None:
        absent = {"DOCKER_HOST": f"unix://{machine.home}/absent.sock"}
        failed(machine.run("ps", environ=absent), 7, "cannot reach the engine at unix://")
        result = machine.run("run", IMAGE, environ=absent)
        assert result.code == 125
        assert result.err.startswith("error[unavailable]: cannot reach the engine")
        assert web in machine.done("ps")

    def test_an_engine_that_cannot_be_spoken_to(self, machine: Machine) -> None:
        for host in ("tcp://127.0.0.1:2375", "ssh://-host", "nonsense"):
            result = machine.run("ps", environ={"DOCKER_HOST": host})
            failed(result, 9, "")
        failed(machine.run("--context", "nowhere", "ps"), 3, "no such context: nowhere")

    def test_a_refused_command_changes_nothing(self, machine: Machine, web: str) -> None:
        name = f"viewer-{secrets.token_hex(4)}"
        machine.done("user", "add", name, "--role", "viewer", "--password-stdin", stdin=LINE)
        machine.login(name)
        before = machine.done("inspect", web)
        for args in (["stop", web], ["kill", web], ["rm", "-f", web], ["restart", web]):
            failed(
                machine.run(*args), 5, f"you are not allowed to do this: {name} lacks container:"
            )
        result = machine.run("exec", web, "true")
        assert result.code == 125
        assert result.err.startswith("error[forbidden]: ")
        assert machine.done("inspect", web) == before
        machine.login("ada")
        denied = json.loads(machine.done("audit", "ls", "--json"))["records"]
        denied = [record for record in denied if record["phase"] == "denied"]
        assert [record["target_name"] for record in denied] == [web] * 5


class TestSessions:
    """Passwords and tokens."""

    def test_a_wrong_password_keeps_the_session(self, bare: Machine) -> None:
        bare.init()
        for name in ("ada", "nobody"):
            result = bare.run("login", name, "--password-stdin", stdin=b"a wrong long password")
            failed(result, 4, "wrong user name or password")
        assert bare.done("whoami") == "ada\n"

    def test_a_missing_token(self, bare: Machine) -> None:
        failed(bare.run("whoami"), 4, "not logged in: contctl is not initialised here yet")
        bare.init()
        bare.done("logout")
        for command in (["whoami"], ["auth", "status"], ["ps"], ["refresh"], ["user", "ls"]):
            failed(bare.run(*command), 4, "not logged in")

    def test_an_expired_token(self, bare: Machine) -> None:
        bare.init()
        bare.set_access_ttl("1s")
        bare.done("refresh")
        result = bare.run("whoami")
        for _ in range(30):
            if result.code:
                break
            result = bare.run("whoami")
        failed(result, 4, "the access token has expired")
        assert result.err.endswith("hint: run 'contctl refresh'\n")
        bare.set_access_ttl("10m")
        bare.done("refresh")
        assert bare.done("whoami") == "ada\n"

    def test_a_copy_of_the_tokens_is_worth_nothing_after_logout(self, bare: Machine) -> None:
        bare.init()
        path = next((bare.home / "contctl" / "credentials").iterdir())
        copy = path.read_bytes()
        bare.done("logout")
        path.touch(0o600)
        path.write_bytes(copy)
        for command in ("whoami", "refresh"):
            failed(bare.run(command), 4, "the session has ended")

    def test_a_ci_token_is_not_passed_over(self, bare: Machine) -> None:
        bare.init()
        for name, code, message in (
            ("CONTCTL_TOKEN", 4, "the CI token in CONTCTL_TOKEN is not valid"),
            ("CONTCTL_TOKEN_FILE", 9, "CONTCTL_TOKEN_FILE holds a token"),
        ):
            result = bare.run("whoami", environ={name: "ctl_canary"})
            failed(result, code, message)
            assert "canary" not in result.err
        assert bare.done("whoami") == "ada\n"


def test_unknown_keys_in_the_configuration(bare: Machine) -> None:
    bare.init()
    config = bare.home / "contctl" / "config.toml"
    for text, named in (
        ("[session]\nacess_ttl = '1m'\n", "session.acess_ttl"),
        ("[sesion]\n", "sesion"),
        ("[session]\naccess_ttl = 'soon'\n", "session.access_ttl"),
        ("[session\n", "is not TOML"),
    ):
        config.write_text(text)
        result = bare.run("whoami")
        failed(result, 9, str(config))
        assert named in result.err
    config.unlink()
    assert bare.done("whoami") == "ada\n"
