"""A machine whose user file modes bind, as they do not bind root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.machine import CONTCTL, PASSWORD, SECONDS, Machine, Result
from tests.requirements import unavailable

NOBODY = 65534


class Unprivileged(Machine):
    """A machine whose user file modes bind, as they do not bind root."""

    def run(self, *args: str, stdin: bytes = b"", **_: object) -> Result:
        """Run `contctl ARGS` as uid 65534 if this is root, else as whoever this is."""
        done = subprocess.run(
            [*self.prefix(), str(CONTCTL), *args],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def init(self) -> None:
        """Make the store with the admin `ada`, and log in, as that user."""
        self.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())
        self.login("ada")

    @staticmethod
    def prefix() -> list[str]:
        """The command that drops root's rights but one: to read, because the interpreter may lie
        below root's own folder."""
        if os.geteuid() != 0:
            return []
        if shutil.which("setpriv") is None:
            unavailable("setpriv is not installed")
        only = "=-all,+dac_read_search"
        return [
            "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            f"--inh-caps{only}", f"--ambient-caps{only}", f"--bounding-set{only}",
        ]  # fmt: skip


@contextmanager
def unprivileged_machine() -> Iterator[Unprivileged]:
    """A machine of an ordinary user, with the accounts `ada` and `eve`."""
    with tempfile.TemporaryDirectory() as made:
        if os.geteuid() == 0:
            os.chown(made, NOBODY, NOBODY)
        environ = {
            "CONTCTL_CREDENTIAL_STORE": "file",
            "DOCKER_HOST": f"unix://{made}/no-engine.sock",
            # What this user may not write, the interpreter need not try.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        machine = Unprivileged(Path(made), environ)
        machine.init()
        machine.done("user", "add", "eve", "--password-stdin", stdin=PASSWORD.encode())
        yield machine
        for folder, _, _ in os.walk(made):
            os.chmod(folder, 0o700)
