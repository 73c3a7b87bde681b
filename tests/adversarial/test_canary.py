"""Secrets planted in a whole run are found in no output, log, file or process list afterwards."""

import base64
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from contctl.core.domain.secret import Secret
from devtools import http_unix
from devtools.engine import PrivateEngine
from devtools.registry import PrivateRegistry
from tests.adversarial.homes import credential_file, no_engine, planted, stored, with_tokens
from tests.adversarial.watcher import Watcher
from tests.bounded import eventually
from tests.e2e.machine import IMAGE, PASSWORD, Machine


def canary(name: str) -> str:
    """A secret that stands nowhere else."""
    return f"canary-{name}-{secrets.token_hex(12)}"


@dataclass
class Run:
    """A machine, its secrets by name, and all that its commands ever said."""

    machine: Machine
    secrets: dict[str, set[bytes]] = field(default_factory=dict)
    planted: set[bytes] = field(default_factory=set)
    outputs: list[tuple[str, bytes]] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)

    def plant(self, name: str, *values: str | bytes) -> None:
        """Look for these from now on."""
        texts = {value if isinstance(value, bytes) else value.encode() for value in values}
        self.secrets.setdefault(name, set()).update(texts)
        self.planted |= texts

    def plant_tokens(self) -> None:
        """Look for the tokens that are kept now, and for what makes them worth something."""
        item = stored(self.machine)
        for kind in ("access", "refresh"):
            self.plant("tokens", item[kind], item[kind].rpartition(".")[2])

    def run(self, *args: str, stdin: str = "", **environ: str) -> None:
        """Run a command in a pipe, with --debug, which shows all that it would show without."""
        result = self.machine.run("--debug", *args, stdin=stdin.encode(), environ=environ)
        self.codes.add(result.code)
        text = result.out + result.err
        self.outputs.append((" ".join(args), text.encode("utf-8", "surrogateescape")))
        if credential_file_exists(self.machine):
            self.plant_tokens()

    def type(self, *args: str, answers: tuple[tuple[str, str], ...] = ()) -> None:
        """Run a command on a terminal, and type `answers`."""
        terminal = self.machine.on_terminal(*args)
        shown = ""
        for prompt, answer in answers:
            terminal.expect_exact(prompt)
            shown += str(terminal.before)
            eventually(lambda: not terminal.getecho(), "the echo is off")
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        terminal.close()
        self.codes.add(terminal.exitstatus or 0)
        self.outputs.append((" ".join(args), (shown + str(terminal.before)).encode()))
        if credential_file_exists(self.machine):
            self.plant_tokens()

    def found_in(self, content: bytes) -> set[str]:
        """The names of the secrets that `content` holds."""
        return {
            name for name, values in self.secrets.items() if any(each in content for each in values)
        }


def credential_file_exists(machine: Machine) -> bool:
    """Whether tokens are kept now."""
    return bool(list((machine.home / "contctl").glob("credentials/*.json")))


@pytest.fixture
def run(tmp_path: Path, docker_engine: PrivateEngine) -> Run:
    """A machine on a real engine."""
    machine = no_engine(tmp_path)
    machine.environ["DOCKER_HOST"] = docker_engine.host
    machine.environ["DOCKER_CONFIG"] = str(tmp_path / "docker")
    return Run(machine)


@pytest.fixture
def registry(run: Run, docker_registry: PrivateRegistry) -> str:
    """The name of a registry for which docker's configuration has a secret."""
    password = canary("registry")
    auth = base64.b64encode(f"me:{password}".encode())
    run.plant("registry", password, auth, password.encode().hex())
    folder = run.machine.home / "docker"
    folder.mkdir()
    auths = {docker_registry.name: {"auth": auth.decode()}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return docker_registry.name


@pytest.fixture
def container(run: Run) -> Iterator[str]:
    """The name of a container to come."""
    name = f"canary-{secrets.token_hex(4)}"
    yield name
    run.machine.login("ada")
    run.machine.run("rm", "-f", name)


@pytest.mark.docker
@pytest.mark.timeout(400)
def test_canary_secrets_are_found_nowhere(
    run: Run, container: str, registry: str, docker_engine: PrivateEngine
) -> None:
    began = int(time.time())
    mark = f"CONTCTL_HOME={run.machine.home}".encode()
    with Watcher(mark, run.planted) as watcher:
        _sessions_and_accounts(run)
        _containers(run, container, registry)
        _failures(run)
    assert watcher.seen > 0
    assert watcher.found == set()
    assert {0, 2, 4, 5, 9} <= run.codes
    assert len(run.outputs) > 30
    for command, text in run.outputs:
        assert run.found_in(text) == set(), command
    window = f"since={began - 5}&until={int(time.time()) + 1}"
    events = http_unix.request(docker_engine.host, "GET", f"/events?{window}")
    assert container.encode() in events
    assert run.found_in(events) == set()
    _assert_in_their_own_files_only(run)


def _sessions_and_accounts(run: Run) -> None:
    password, wrong, changed = (canary(name) for name in ("password", "wrong", "changed"))
    run.plant("password", PASSWORD, password, wrong, changed)
    stdin = "--password-stdin"
    run.run("init", "--username", "ada", stdin, stdin=PASSWORD)
    for name in ("signing", "audit"):
        key = json.loads((run.machine.home / f"contctl/keys/{name}.json").read_bytes())
        text = key["keys"][key["current"]]["secret"]
        raw = base64.urlsafe_b64decode(text + "=")
        run.plant(f"{name} key", text, raw, raw.hex(), base64.b64encode(raw))
    run.run("login", "ada", stdin, stdin=wrong)
    run.run("login", "ada", stdin, stdin=PASSWORD)
    run.type("login", "ada", answers=(("Password: ", PASSWORD),))
    run.run("user", "add", "bob", "--role", "viewer", stdin, stdin=password)
    run.run("user", "add", "bob", stdin, stdin=password)
    run.run("user", "passwd", "bob", stdin, stdin=changed)
    run.run("user", "passwd", "bob", stdin, stdin=f"{changed}\n{changed}")
    run.run("user", "passwd", "bob", stdin, stdin=f"{changed}\0")
    for args in (
        ("refresh",), ("refresh", "--if-expiring", "1h"), ("whoami", "--json"), ("auth", "status"),
        ("session", "ls", "--json"), ("user", "ls", "--json"), ("user", "show", "bob", "--json"),
        ("user", "grant", "bob", "viewer"), ("auth", "can-i", "--list"), ("doctor",),
    ):  # fmt: skip
        run.run(*args)


def _containers(run: Run, container: str, registry: str) -> None:
    value = canary("environment")
    run.plant("environment", value)
    api = ("--name", container, "-e", "SECRET", IMAGE, "sh", "-c", "echo up; exec sleep 600")
    # The caller's own environment is where it comes from, so no process is looked at for it.
    run.planted.discard(value.encode())
    run.run("run", "-d", *api, SECRET=value)
    for args in (
        ("ps", "--no-trunc"), ("ps", "--format", "json"), ("ps", "--json"), ("logs", container),
        ("exec", container, "true"), ("stop", "-t", "0", container), ("start", container),
        ("run", "--rm", f"{registry}/absent", "true"),
    ):  # fmt: skip
        run.run(*args)
    run.run("login", "bob", "--password-stdin", stdin=_last(run, "changed"))
    for args in (
        ("inspect", container), ("inspect", "--json", container), ("stop", container),
        ("inspect", "-f", "{{json .}}", container), ("exec", container, "env"),
    ):  # fmt: skip
        run.run(*args)
    run.type("inspect", container)
    run.run("login", "ada", "--password-stdin", stdin=PASSWORD)
    _ci_token(run, container)


def _ci_token(run: Run, container: str) -> None:
    token = run.machine.done("token", "create", "canary").strip()
    wrong = token[:-9] + ("0" if token[-9] != "0" else "1") + token[-8:]
    # The caller's own environment is where they come from.
    run.secrets["ci token"] = {token.encode(), token[20:84].encode(), wrong.encode()}
    file = run.machine.home / "token"
    file.write_text(f"{token}\n")
    for args in (
        ("whoami",), ("ps",), ("auth", "status", "--json"), ("token", "ls", "--json"),
        ("exec", "-e", "CONTCTL_TOKEN", container, "printenv", "CONTCTL_TOKEN"),
        ("user", "add", "eve"),
    ):  # fmt: skip
        run.run(*args, CONTCTL_TOKEN=token)
    run.run("whoami", CONTCTL_TOKEN_FILE=str(file))
    file.unlink()
    for name in ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE"):
        run.run("whoami", **{name: wrong})
    run.run("whoami", CONTCTL_TOKEN_FILE=token)


def _last(run: Run, name: str) -> str:
    """The password of that name."""
    (found,) = (each for each in run.secrets["password"] if f"canary-{name}".encode() in each)
    return found.decode()


def _failures(run: Run) -> None:
    machine = run.machine
    item = stored(machine)
    for content in (
        with_tokens(machine, access=item["access"][:-2]),
        with_tokens(machine, access=item["refresh"]),
        with_tokens(machine, access=item["access"] + "="),
        credential_file(machine).read_bytes()[:-3],
    ):
        with planted(machine, content):
            for command in ("whoami", "ps", "refresh"):
                result = machine.run("--debug", command)
                run.codes.add(result.code)
                run.outputs.append((command, (result.out + result.err).encode()))
    keys = machine.home / "contctl/keys/signing.json"
    good = keys.read_bytes()
    keys.write_bytes(good[:-4])
    run.run("whoami")
    keys.write_bytes(good)
    database = machine.home / "contctl/contctl.db"
    good = database.read_bytes()
    database.write_bytes(good[: len(good) // 2])
    run.run("user", "ls")
    database.write_bytes(good)
    run.run("audit", "ls", "-n", "1000", "--json")
    run.type("audit", "ls")
    run.run("logout")


def _assert_in_their_own_files_only(run: Run) -> None:
    """The files that must hold a secret are these, and no other does. After the logout the tokens
    are in none."""
    home = run.machine.home
    found = {
        str(path.relative_to(home)): names
        for path in home.rglob("*")
        if path.is_file() and (names := run.found_in(path.read_bytes()))
    }
    assert found == {
        "contctl/keys/signing.json": {"signing key"},
        "contctl/keys/audit.json": {"audit key"},
        "docker/config.json": {"registry"},
    }


def test_the_tokens_are_in_the_credential_file_only(bare: Machine) -> None:
    bare.init()
    run = Run(bare)
    run.plant("password", PASSWORD)
    run.run("refresh")
    run.run("whoami")
    holders = [
        path for path in bare.home.rglob("*") if path.is_file() and run.found_in(path.read_bytes())
    ]
    assert holders == [credential_file(bare)]


def test_a_token_is_shown_as_asterisks() -> None:
    secret = Secret(canary("repr"))
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]!r}"):
        assert "canary" not in shown
        assert "***" in shown


def test_no_core_file_is_written(bare: Machine) -> None:
    bare.init()
    process = bare.start("login", "ada", "--password-stdin")
    limits = Path(f"/proc/{process.pid}/limits")
    try:
        eventually(
            lambda: re.search(r"Max core file size +[01] ", limits.read_text()) is not None,
            "core files are forbidden",
        )
    finally:
        process.kill()
        process.communicate(timeout=10)
