"""A host where a gateway is installed, a real engine behind it, and real Unix users in front.

The users are made with useradd in a mount namespace whose /etc is its own, and gone with it.
"""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contctl.core.domain.containers import Json
from devtools.engine import PrivateEngine
from devtools.http_unix import request, request_json
from tests.bounded import eventually
from tests.docker.raw import RawEngine
from tests.e2e.installed import CONTCTL, PYTHON, install_contctl
from tests.e2e.machine import PASSWORD, SECONDS, Result
from tests.private_host import PrivateHost, private_host

ENGINE_GROUP = "ct-engine"
CALLERS = "contctl"
ENGINE_SOCKET = "/run/docker.sock"
GATEWAY_SOCKET = "/run/contctl/contctl.sock"
STORE = "/var/lib/contctl"
CONFIGURATION = "/etc/contctl/gateway.toml"
_HOMES = "/run/people"
_PROGRAMS = {
    name: Path(__file__).with_name(f"{name}_as_person.py").read_text() for name in ("reach", "ask")
}


@dataclass
class Person:
    """A Unix user of the host, who runs everything without any of root's rights."""

    host: PrivateHost
    name: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def uid(self) -> int:
        """The user's number."""
        return int(self.host.done("id", "-u", self.name))

    @property
    def home(self) -> str:
        """The user's folder, which everybody may look into: contctl's own modes are what counts."""
        return f"{_HOMES}/{self.name}"

    def process(self, *args: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Begin `args` as this user."""
        own = [f"--reuid={self.name}", f"--regid={self.name}", "--init-groups"]
        return subprocess.Popen(
            self.host.command("setpriv", *own, "--inh-caps=-all", *args),
            cwd="/",
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": self.home,
                "LANG": "C.UTF-8",
                "CONTCTL_CREDENTIAL_STORE": "file",
                **self.environ,
                **environ,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def start(self, *args: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Begin `contctl ARGS`."""
        return self.process(CONTCTL, *args, **environ)

    def run(self, *args: str, stdin: str = "", **environ: str) -> Result:
        """Run `contctl ARGS` to its end."""
        return ended(self.start(*args, **environ), stdin)

    def done(self, *args: str, stdin: str = "", **environ: str) -> str:
        """Run what must succeed; its standard output."""
        result = self.run(*args, stdin=stdin, **environ)
        assert result.code == 0, (args, result)
        return result.out

    def login(self) -> None:
        """Log in under the same name."""
        self.done("login", self.name, "--password-stdin", stdin=PASSWORD)

    def reach(self, *attempts: tuple[str, str]) -> list[str]:
        """What comes of each attempt, (verb, path): `ok`, or the name of the error."""
        return self._answers("reach", attempts)

    def ask(self, *requests: Json, socket: str = GATEWAY_SOCKET, token: str = "") -> list[Any]:
        """What a gateway answers to each of `requests`, sent as they stand: [status, answer]."""
        return self._answers("ask", {"socket": socket, "token": token, "requests": requests})

    def token(self) -> str:
        """The access token of the session."""
        return self.done("auth", "print-access-token").strip()

    def _answers(self, program: str, given: object) -> list[Any]:
        process = self.process(PYTHON, "-c", _PROGRAMS[program])
        result = ended(process, json.dumps(given))
        assert result.code == 0, result.err
        answers: list[Any] = json.loads(result.out)
        return answers


def ended(process: "subprocess.Popen[bytes]", stdin: str = "", seconds: float = SECONDS) -> Result:
    """How a process ends."""
    try:
        out, err = process.communicate(stdin.encode(), timeout=seconds)
    finally:
        process.kill()
        process.wait()
    return Result(process.returncode, out.decode(), err.decode())


@dataclass
class Town:
    """The host, its engine and its people. ada: contctl's admin, who is the host's root.
    begin: the command line of the gateway.  log: what it says.  pid: its process."""

    host: PrivateHost
    engine: str
    raw: RawEngine
    ada: Person
    begin: list[str]
    log: Path
    pid: int = 0

    def settle(self, *groups: str, name: str = "") -> Person:
        """A new Unix user in these groups, whose account has no grants, logged in if the gateway's
        group is among them."""
        name = name or f"person-{secrets.token_hex(3)}"
        folder = ["--no-create-home", "--home-dir", f"{_HOMES}/{name}", "--no-log-init"]
        self.host.done("useradd", *folder, "--user-group", "--groups", ",".join(groups), name)
        self.host.done("install", "-d", "-m", "755", "-o", name, "-g", name, f"{_HOMES}/{name}")
        person = Person(self.host, name)
        if CALLERS in groups:
            self.ada.done("user", "add", name, "--password-stdin", stdin=PASSWORD)
            person.login()
        return person

    @contextmanager
    def granted(self, person: Person, role: str, *scope: str) -> Iterator[str]:
        """A grant for as long as the body runs; its ID."""
        grant = self.ada.done("user", "grant", person.name, role, *scope).strip()
        yield grant
        self.ada.done("user", "revoke", person.name, grant)

    def container(self, name: str, host_config: Json | None = None, **config: Any) -> str:
        """Make a container past contctl; its full ID."""
        return self.raw.container(host_config or {}, name=name, **config)

    def names(self) -> set[str]:
        """The names of all containers that the engine has."""
        listed = request_json(self.engine, "GET", "/containers/json?all=1")
        return {name.removeprefix("/") for each in listed for name in each["Names"]}

    def events(self, since: float) -> list[tuple[str, str]]:
        """What the engine has done to containers: (action, full ID)."""
        query = f"since={since:.6f}&until={time.time():.6f}"
        lines = request(self.engine, "GET", f"/events?{query}").splitlines()
        found = [json.loads(line) for line in lines]
        return [
            (each["Action"].partition(":")[0], each["Actor"]["ID"])
            for each in found
            if each["Type"] == "container"
        ]

    def records(self, person: Person | None = None) -> list[Json]:
        """The newest records of the audit log, or of what `person` did; the oldest first."""
        whose = ["--user", person.name] if person else []
        listed = json.loads(self.ada.done("audit", "ls", "--json", "-n", "1000", *whose))
        return sorted(listed["records"], key=lambda each: int(each["number"]))

    @contextmanager
    def serving(self, config: str = CONFIGURATION) -> Iterator[int]:
        """A gateway as its own user, by the command line that installing it showed; its process."""
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.host.command(*self.begin, "--config", config),
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            listens = '"event":"serving"'
            eventually(lambda: listens in self.log.read_text()[said:], f"{self.log}: {listens}")
            yield process.pid
        finally:
            process.terminate()
            process.wait(SECONDS)

    @property
    def gateway(self) -> Person:
        """The gateway's own user."""
        self.host.done("install", "-d", "-m", "755", "-o", "contctl", f"{_HOMES}/contctl")
        return Person(self.host, "contctl")

    def said(self) -> list[Json]:
        """What the gateway's log tells of requests."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line["fields"] for line in lines if line["event"] == "request"]


@contextmanager
def town(engine: PrivateEngine, log: Path) -> Iterator[Town]:
    """A host with a gateway that serves; root is logged in as contctl's admin `ada`."""
    with private_host() as host:
        _move_engine(host, engine)
        install_contctl(host)
        host.done("install", "-d", "-m", "755", f"{_HOMES}/root")
        installed = host.run(CONTCTL, "gateway", "install", "--apply")
        assert installed.returncode == 0, installed.stderr
        (line,) = (each for each in installed.stderr.splitlines() if "gateway serve" in each)
        raw = RawEngine(engine.host)
        found = Town(host, engine.host, raw, Person(host, "root"), line.split(), log)
        try:
            with found.serving() as found.pid:
                found.ada.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD)
                found.ada.done("login", "ada", "--password-stdin", stdin=PASSWORD)
                yield found
        finally:
            raw.clear()
            os.chown(engine.host.removeprefix("unix://"), 0, 0)


def _move_engine(host: PrivateHost, engine: PrivateEngine) -> None:
    """Let the engine's socket be where engines listen, for root and a group of its own."""
    host.done("groupadd", "--system", ENGINE_GROUP)
    host.done("touch", ENGINE_SOCKET)
    host.done("mount", "--bind", engine.host.removeprefix("unix://"), ENGINE_SOCKET)
    host.done("chown", f"root:{ENGINE_GROUP}", ENGINE_SOCKET)
    host.done("chmod", "0660", ENGINE_SOCKET)


def denials(records: Sequence[Json]) -> list[tuple[str, str]]:
    """(action, target) of the refusals among `records`."""
    return [(each["action"], each["target"]) for each in records if each["phase"] == "denied"]
