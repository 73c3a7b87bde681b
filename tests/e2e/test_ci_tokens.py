"""CI tokens from outside: the installed command, what may stand in the variable, and what leaks."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contctl.core.domain.ci_tokens import token_text
from devtools.engine import PrivateEngine
from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, IMAGE, PASSWORD, Machine
from tests.e2e.side_by_side import machine_on
from tests.e2e.test_bad_input import failed

NOT_VALID = (
    "error: the CI token in CONTCTL_TOKEN is not valid\n"
    "hint: make a new one with 'contctl token create', or unset CONTCTL_TOKEN\n"
)


def created(machine: Machine, *args: str) -> str:
    """A new token of whoever is logged in."""
    return machine.done("token", "create", "deploy", *args).strip()


def not_valid(machine: Machine, value: str) -> None:
    """Assert the one answer to a token that is not good, which tells nothing of it."""
    result = machine.run("whoami", environ={"CONTCTL_TOKEN": value})
    assert (result.code, result.out, result.err) == (4, "", NOT_VALID)


def changed(token: str, place: int, character: str) -> str:
    return token[:place] + character + token[place + 1 :]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The admin `ada` is logged in; for tests that leave it as it is."""
    home = tmp_path_factory.mktemp("home")
    no_engine = f"unix://{home}/no-engine.sock"
    machine = Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file", "DOCKER_HOST": no_engine})
    machine.init()
    return machine


SPOILT: tuple[Callable[[str], str], ...] = (
    lambda token: changed(token, 91, "0" if token[91] != "0" else "1"),
    lambda token: changed(token, 30, "0" if token[30] != "0" else "1"),
    lambda token: token.upper(),
    lambda token: f"{token}\n",
    lambda token: f" {token}",
    lambda token: f"{token[:40]}\n{token[40:]}",
    lambda token: f"{token}{token}",
    lambda token: f"Bearer {token}",
    lambda token: f"{token}\udcff\udcfe",
    lambda token: f"{token}\x1b[2J\r\u202e",
    lambda token: token * 1000,
    # A secret with the id of another token, and an unknown id, each with a right checksum.
    lambda token: token_text(bytes.fromhex(token[4:20]), bytes(32)).reveal(),
    lambda token: token_text(bytes(8), bytes.fromhex(token[20:84])).reveal(),
)


class TestHostileValues:
    """What may stand in CONTCTL_TOKEN."""

    @pytest.mark.parametrize("length", [1, 3, 4, 5, 19, 20, 21, 83, 84, 85, 91])
    def test_cut(self, store: Machine, length: int) -> None:
        not_valid(store, created(store)[:length])

    @pytest.mark.parametrize("spoil", SPOILT)
    def test_spoilt(self, store: Machine, spoil: Callable[[str], str]) -> None:
        not_valid(store, spoil(created(store)))

    @pytest.mark.parametrize("value", ["\udcff" * 92, "ctl_" + "0" * 88, " ", "../../etc/passwd"])
    def test_never_a_token(self, store: Machine, value: str) -> None:
        not_valid(store, value)

    def test_whole_or_empty(self, store: Machine) -> None:
        for value in (created(store), ""):
            assert store.run("whoami", environ={"CONTCTL_TOKEN": value}).out == "ada\n"

    def test_another_kind_of_token(self, bare: Machine) -> None:
        bare.init()
        path = next((bare.home / "contctl" / "credentials").iterdir())
        kept = json.loads(path.read_text())
        not_valid(bare, bare.done("auth", "print-access-token").strip())
        not_valid(bare, kept["refresh"])

    def test_another_stores(self, bare: Machine, tmp_path: Path) -> None:
        bare.init()
        (tmp_path / "other").mkdir(mode=0o700)
        other = Machine(tmp_path / "other", bare.environ)
        other.init()
        not_valid(bare, created(other))

    def test_revoked_and_expired(self, bare: Machine) -> None:
        bare.init()
        token = created(bare)
        bare.done("token", "revoke", token[4:20])
        not_valid(bare, token)
        token = created(bare, "--expires", "1s")
        eventually(lambda: not bare.done("token", "ls", "-q"), "the token has expired")
        not_valid(bare, token)

    def test_a_disabled_and_a_deleted_users(self, bare: Machine) -> None:
        bare.init()
        line = PASSWORD.encode()
        bare.done("user", "add", "bob", "--role", "viewer", "--password-stdin", stdin=line)
        bare.login("bob")
        token = created(bare)
        bare.login("ada")
        bare.done("user", "disable", "bob")
        not_valid(bare, token)
        bare.done("user", "enable", "bob")
        assert bare.run("whoami", environ={"CONTCTL_TOKEN": token}).out == "bob\n"
        bare.done("user", "rm", "bob")
        not_valid(bare, token)

    def test_without_a_store(self, bare: Machine) -> None:
        token = token_text(bytes(8), bytes(32)).reveal()
        result = bare.run("ps", environ={"CONTCTL_TOKEN": token})
        failed(result, 4, "not logged in: contctl is not initialised here yet")


class TestFiles:
    """What CONTCTL_TOKEN_FILE may name."""

    def test_a_file(self, bare: Machine) -> None:
        bare.init()
        path = bare.home / "token"
        path.write_text(f"{created(bare, '--role', 'viewer')}\n")
        path.chmod(0o400)
        environ = {"CONTCTL_TOKEN_FILE": str(path)}
        result = bare.run("whoami", "--json", environ=environ)
        assert json.loads(result.out)["roles"] == ["viewer"]
        path.chmod(0o600)
        path.write_text("ctl_canary\n")
        result = bare.run("whoami", environ=environ)
        assert (result.code, result.out) == (4, "")
        assert result.err == NOT_VALID.replace("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")

    def test_what_is_none(self, bare: Machine) -> None:
        bare.init()
        fifo = bare.home / "fifo"
        os.mkfifo(fifo, 0o600)
        for path in (fifo, bare.home, bare.home / "absent", Path("/dev/zero")):
            result = bare.run("whoami", environ={"CONTCTL_TOKEN_FILE": str(path)})
            failed(result, 9, f"CONTCTL_TOKEN_FILE: {path}")
        both = {"CONTCTL_TOKEN": "ctl_canary", "CONTCTL_TOKEN_FILE": str(fifo)}
        failed(bare.run("whoami", environ=both), 4, "both CONTCTL_TOKEN and CONTCTL_TOKEN_FILE")

    def test_a_login_does_not_look(self, bare: Machine) -> None:
        bare.init()
        bare.environ["CONTCTL_TOKEN_FILE"] = str(bare.home / "absent")
        bare.login("ada")
        bare.done("refresh")
        bare.done("logout")


@pytest.mark.docker
class TestLeaks:
    """A token is in no output, no file, no process list and no container."""

    def test_nothing_shows_it(self, tmp_path: Path, docker_engine: PrivateEngine) -> None:
        machine = machine_on(docker_engine.host, tmp_path)
        token = created(machine)
        machine.environ["CONTCTL_TOKEN"] = token
        name = f"leak-{secrets.token_hex(4)}"
        said = ""
        try:
            for args in (
                ("run", "-d", "--name", name, "-e", "CONTCTL_TOKEN", IMAGE, "sleep", "600"),
                ("exec", "-e", "CONTCTL_TOKEN", name, "sh", "-c", "env; echo $CONTCTL_TOKEN"),
                ("--debug", "ps"),
                ("--debug", "stop", "nope"),
                ("--debug", "token", "create", "x"),
                ("--debug", "token", "revoke", token[4:20], "nope"),
                ("inspect", name),
                ("audit", "ls", "--json"),
                ("auth", "status", "--json"),
                ("--debug", "whoami"),
                ("doctor", "--json"),
            ):
                result = machine.run(*args)
                said += result.out + result.err
        finally:
            machine.environ.pop("CONTCTL_TOKEN")
            machine.run("rm", "-f", name)
        assert token[4:20] in said
        assert token[20:84] not in said
        assert "ctl_" not in said
        for path in (machine.home / "contctl").rglob("*"):
            if path.is_file():
                assert token[20:84].encode() not in path.read_bytes()


def fenced(language: str, first: str) -> str:
    """The README's block in `language` that begins with the line `first`."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    blocks = readme.split(f"```{language}\n")[1:]
    return next(block for block in blocks if block.startswith(f"{first}\n")).split("```")[0]


@pytest.mark.docker
class TestReadme:
    """The job and the script of the README, as they stand there, without a keyring."""

    @pytest.fixture
    def machine(self, tmp_path: Path, docker_engine: PrivateEngine) -> Machine:
        return machine_on(docker_engine.host, tmp_path)

    @pytest.fixture
    def shop(self, machine: Machine) -> Iterator[str]:
        script = "echo up; trap 'exit 0' TERM; while :; do sleep 0.1; done"
        machine.run("rm", "-f", "shop-web")
        machine.done("run", "-d", "--name", "shop-web", IMAGE, "sh", "-c", script)
        yield "shop-web"
        machine.run("rm", "-f", "shop-web")

    def bash(
        self, machine: Machine, script: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `script` with `contctl` on its path, and `environ`."""
        path = f"{CONTCTL.parent}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", script],
            env={**machine.environment(), "PATH": path, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def job(
        self, machine: Machine, script: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """The same where a stored session would be in a keyring, and none is there."""
        return self.bash(machine, script, CONTCTL_CREDENTIAL_STORE="keyring", **environ)

    def test_the_job(self, machine: Machine, shop: str) -> None:
        token = created(machine, "--role", "operator", "--name", "shop-*")
        job = fenced("yaml", "restart-shop:")
        steps = [line.removeprefix("    - ") for line in job.splitlines() if line[:6] == "    - "]
        assert len(steps) == 3
        done = self.job(machine, "\n".join(["set -eo pipefail", *steps]), CONTCTL_TOKEN=token)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"yes\n{shop}\nup\nup\n"
        machine.done("token", "revoke", token[4:20])
        done = self.job(machine, "\n".join(["set -eo pipefail", *steps]), CONTCTL_TOKEN=token)
        assert (done.returncode, done.stdout, done.stderr) == (4, "", NOT_VALID)

    def test_the_script(self, machine: Machine, shop: str) -> None:
        script = fenced("sh", "#!/usr/bin/env bash")
        making = fenced("console", "$ mkdir -p ~/.config/shop").replace("$ ", "")
        file = machine.home / ".config" / "shop" / "contctl-token"

        def made(making: str) -> None:
            assert self.bash(machine, making).returncode == 0
            assert file.stat().st_mode & 0o777 == 0o600

        made(making)
        done = self.job(machine, script)
        assert (done.returncode, done.stdout) == (0, f"{shop}\n{shop} is running\n"), done.stderr
        machine.done("token", "revoke", file.read_text()[4:20])
        done = self.job(machine, script)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.endswith("the token is not good any more: make a new one\n")
        made(making.replace("operator", "viewer"))
        done = self.job(machine, script)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "this token may not restart shop-web\n"
        machine.done("rm", "-f", shop)
        done = self.job(machine, script)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.endswith("there is no shop-web\n")
