"""A machine on a private engine with tokens in a file, and docker's own command line beside it."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.e2e.machine import SECONDS, Machine, Result
from tests.requirements import unavailable


def machine_on(host: str, home: Path) -> Machine:
    """A machine whose engine is at `host`, with the admin `ada` logged in."""
    machine = Machine(home, {"DOCKER_HOST": host, "CONTCTL_CREDENTIAL_STORE": "file"})
    machine.init()
    return machine


class DockerCli:
    """The real `docker`, of whatever version is installed, speaking to one engine.

    program, environ: what to start, and with which environment.
    """

    def __init__(self, host: str, home: Path) -> None:
        program = shutil.which("docker")
        if program is None:
            unavailable("docker's command line is not installed")
        self.program = program
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "DOCKER_HOST": host,
        }

    def start(self, *args: str) -> "subprocess.Popen[bytes]":
        """Begin `docker ARGS`."""
        return subprocess.Popen(
            [self.program, *args],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *args: str, stdin: bytes = b"") -> Result:
        """Run `docker ARGS` to its end."""
        done = subprocess.run(
            [self.program, *args],
            env=self.environ,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        text = [stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr)]
        return Result(done.returncode, *text)

    def done(self, *args: str) -> str:
        """Run what must succeed; its standard output without the last line end."""
        result = self.run(*args)
        assert result.code == 0, result.err
        return result.out.removesuffix("\n")
