"""Commands on pseudo-terminals of their own: typed at, resized, stopped, and seen byte for byte."""

import io
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect

from tests.bounded import eventually
from tests.e2e.machine import SECONDS

ROWS, COLUMNS = 30, 100
_SHELL = """
before=$(stty -g); set -m
"$@"; code=$?
while [ $code -eq 147 ] || [ $code -eq 148 ]; do
    [ "$before" = "$(stty -g)" ] && echo "stopped, as before"
    fg >/dev/null; code=$?
done
[ "$before" = "$(stty -g)" ] && echo "as before: $code"
"""
"""Says whether the terminal is as it was whenever the command is stopped, and at its end."""


class Screen:
    """A command on a terminal of ROWS by COLUMNS; seen: all bytes that the terminal got."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._seen = io.BytesIO()
        self.spawned = pexpect.spawn(
            command[0],
            list(command[1:]),
            env={"TERM": "xterm", **environ},
            timeout=SECONDS,
            dimensions=(ROWS, COLUMNS),
        )
        self.spawned.delaybeforesend = None
        self.spawned.logfile_read = self._seen

    @property
    def seen(self) -> bytes:
        return self._seen.getvalue()

    def until(self, text: bytes) -> None:
        """Wait until `text` is shown."""
        self.spawned.expect_exact(text)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        self.spawned.send(keys)

    def talk(self, *talk: tuple[bytes, bytes]) -> tuple[int, bytes]:
        """Type the second of each pair once the first is shown; then as `end`."""
        for shown, keys in talk:
            self.until(shown)
            self.type(keys)
        return self.end()

    def end(self) -> tuple[int, bytes]:
        """Wait for the end; the exit code, a signal's being negative, and all that was seen."""
        self.spawned.expect(pexpect.EOF)
        self.spawned.close()
        code = self.spawned.exitstatus
        return -(self.spawned.signalstatus or 0) if code is None else code, self.seen


class ShellScreen(Screen):
    """A command that a shell with job control runs, which looks at the terminal afterwards."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        super().__init__(["sh", "-c", _SHELL, "sh", *command], environ)

    def send(self, number: signal.Signals) -> None:
        """Send the command a signal."""
        self.command().send_signal(number)

    def command(self) -> "Process":
        """The command's own process."""
        children = Path(f"/proc/{self.spawned.pid}/task/{self.spawned.pid}/children")
        eventually(lambda: bool(children.read_text().split()), "the command runs")
        return Process(int(children.read_text().split()[0]))


class Process:
    """A process of somebody else's making."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._state() in ("Z", "")

    @property
    def stopped(self) -> bool:
        """Whether a signal keeps it from running."""
        return self._state() == "T"

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self._pid, number)

    def _state(self) -> str:
        """As proc_pid_stat(5) has it; empty where there is none."""
        try:
            return Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return ""
