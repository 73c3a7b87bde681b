"""The installed `contctl`, run as processes in a home of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from contctl.backends.clock import SystemClock
from contctl.bootstrap.ports import SystemPorts
from contctl.core.domain.secret import Secret
from contctl.core.services.embedded import EmbeddedContctl

CONTCTL = Path(sys.executable).with_name("contctl")
PASSWORD = "a long enough password"
IMAGE = "busybox:latest"
SECONDS = 60


@dataclass(frozen=True)
class Result:
    """How a process ended; a signal's number is negative."""

    code: int
    out: str
    err: str


@dataclass
class Machine:
    """A user's machine: its contctl home, and the environment of commands."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a command gets: little of this process' own."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CONTCTL_HOME": str(self.home / "contctl"),
            "LANG": "C.UTF-8",
            **self.environ,
            **(extra or {}),
        }

    def start(
        self, *args: str, environ: Mapping[str, str] | None = None, stdin: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Begin `contctl ARGS`."""
        return subprocess.Popen(
            [CONTCTL, *args],
            env=self.environment(environ),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self, *args: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None
    ) -> Result:
        """Run `contctl ARGS` to its end, off any terminal."""
        done = subprocess.run(
            [CONTCTL, *args],
            env=self.environment(environ),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        text = [stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr)]
        return Result(done.returncode, *text)

    def done(self, *args: str, stdin: bytes = b"") -> str:
        """Run what must succeed; its standard output."""
        result = self.run(*args, stdin=stdin)
        assert result.code == 0, result.err
        return result.out

    def on_terminal(
        self, *args: str, environ: Mapping[str, str] | None = None
    ) -> "pexpect.spawn[str]":
        """Begin `contctl ARGS` on a pseudo-terminal of 120 by 30."""
        return pexpect.spawn(
            str(CONTCTL),
            list(args),
            env={"TERM": "xterm-256color", **self.environment(environ)},
            timeout=SECONDS,
            dimensions=(30, 120),
            encoding="utf-8",
        )

    def shown(self, *args: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run `contctl ARGS` on a pseudo-terminal to its end: exit code and screen."""
        terminal = self.on_terminal(*args, environ=environ)
        terminal.expect(pexpect.EOF)
        terminal.close()
        screen = terminal.before or ""
        return terminal.exitstatus or 0, screen.replace("\r\n", "\n")

    def init(self) -> None:
        """Make the store with the admin `ada`, and log in.

        What the commands do is done in this process, many times quicker, but for a gateway's, and
        for a login to the keyring, which has to find the bus in its own environment.
        """
        environ = self.environment()
        if "CONTCTL_CONTEXT" in environ:
            self.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())
            self.login("ada")
            return
        api = EmbeddedContctl(SystemPorts(environ, SystemClock(), context=None, interactive=False))
        api.sessions.initialise("ada", Secret(PASSWORD))
        if environ.get("CONTCTL_CREDENTIAL_STORE") == "file":
            api.sessions.login("ada", Secret(PASSWORD), None)
        else:
            self.login("ada")

    def login(self, name: str) -> None:
        """Log in."""
        self.done("login", name, "--password-stdin", stdin=PASSWORD.encode())

    def set_access_ttl(self, text: str) -> None:
        """Configure the lifetime of access tokens."""
        (self.home / "contctl" / "config.toml").write_text(f'[session]\naccess_ttl = "{text}"\n')
