"""A mount namespace in which /etc, /run, /opt, /var/lib, /var/log and /var/mail are this test's
own: what is made there is gone when its last process ends. The kernel, the programs and /tmp are
the machine's."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.requirements import unavailable

_SETUP = """
set -e
mount -t tmpfs -o mode=755 tmpfs /mnt
cp -a /etc /mnt/etc
mount --bind /mnt/etc /etc
for folder in /run /opt /var/lib /var/log /var/mail; do
    [ ! -d "$folder" ] || mount -t tmpfs -o mode=755 tmpfs "$folder"
done
echo ready
exec cat
"""
_SECONDS = 120


class PrivateHost:
    """Runs programs there, as root."""

    def __init__(self, holder: int) -> None:
        self._prefix = ["nsenter", "--target", str(holder), "--mount", "--"]

    def command(self, *args: str) -> list[str]:
        """The command line that runs `args` there."""
        return [*self._prefix, *args]

    def run(
        self, *args: str, stdin: str = "", environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `args` there to their end."""
        return subprocess.run(
            self.command(*args),
            input=stdin,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )

    def done(self, *args: str, stdin: str = "") -> str:
        """Run what must succeed; its standard output."""
        result = self.run(*args, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout


@contextmanager
def private_host() -> Iterator[PrivateHost]:
    """A private host; skips the test where there cannot be one."""
    programs = ("unshare", "nsenter", "useradd", "groupadd", "usermod")
    missing = [name for name in programs if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        unavailable(f"a private mount namespace needs root and {' '.join(missing or programs)}")
    holder = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SETUP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != b"ready\n":
            assert holder.stderr is not None
            unavailable(f"no private mount namespace: {holder.stderr.read(1000)!r}")
        yield PrivateHost(holder.pid)
    finally:
        holder.kill()
        holder.communicate(timeout=_SECONDS)
