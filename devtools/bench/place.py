"""Where it is measured: a private keyring, engine and gateway, and accounts at both."""

import compileall
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import contctl
from devtools import images
from devtools.engine import PrivateEngine, missing
from devtools.gateway import PrivateGateway
from devtools.secret_service import SecretService, SecretServiceUnavailable

CONTAINERS = 10
CONTCTL = str(Path(sys.executable).with_name("contctl"))
AT_GATEWAY = (CONTCTL, "--context", "bench")
IMAGE = "contctl-bench:latest"
SLEEP = ("sleep", "86400")
_PASSWORD = b"correct horse battery staple"


@dataclass(frozen=True)
class Place:
    """What is there to be measured: the docker program, its engine's address, and the environment
    of all runs."""

    docker: str
    engine: str
    environ: Mapping[str, str]

    def run(self, *command: str, stdin: bytes = b"", seconds: float = 60) -> str:
        """Run a command of the preparations; its output, or RuntimeError."""
        done = subprocess.run(
            command, env=self.environ, input=stdin, capture_output=True, check=False,
            timeout=seconds,
        )  # fmt: skip
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().replace("\n", " | ")
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {said}")
        return done.stdout.decode()

    def in_home(self, home: str) -> "Place":
        """The same with another home, which has no store at first."""
        return replace(self, environ={**self.environ, "CONTCTL_HOME": home})

    def log_in(self, *contctl: str) -> None:
        """Make the first account, and log it in. contctl: the program, and options."""
        init = (*contctl, "init", "--username", "ada", "--password-stdin")
        self.run(*init, stdin=_PASSWORD)
        self.run(*contctl, "login", "ada", "--password-stdin", stdin=_PASSWORD)

    def log_in_again(self) -> None:
        """Renew the tokens: none may expire in the middle of a work."""
        self.run(CONTCTL, "refresh")
        self.run(*AT_GATEWAY, "refresh")


class Unavailable(RuntimeError):
    """What is measured, or compared with, cannot be had on this machine; the text says why."""


def prepare(resources: ExitStack) -> Place:
    """A home with a session in a private keyring, and a private engine with running containers.

    They end with `resources`. Unavailable where one of them cannot be had.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise Unavailable("not installed: docker, to compare with")
    if reason := missing():
        raise Unavailable(reason)
    compileall.compile_dir(Path(contctl.__file__).parent, quiet=1)
    try:
        service = resources.enter_context(SecretService())
    except SecretServiceUnavailable as error:
        raise Unavailable(f"no private Secret Service: {error}") from error
    home = resources.enter_context(tempfile.TemporaryDirectory(prefix="contctl-bench-"))
    engine = resources.enter_context(PrivateEngine())
    images.import_image(engine.host, IMAGE)
    places = {"DOCKER_HOST": engine.host, "CONTCTL_HOME": home, "TERM": "xterm-256color"}
    gateway = resources.enter_context(PrivateGateway(engine.host))
    place = Place(docker, engine.host, {**service.environ, **places})
    for number in range(CONTAINERS):
        place.run(docker, "run", "-d", "--name", f"bench-{number}", IMAGE, *SLEEP)
    place.run(CONTCTL, "context", "create", "bench", "--gateway", gateway.host)
    place.log_in(CONTCTL)
    place.log_in(*AT_GATEWAY)
    return place
