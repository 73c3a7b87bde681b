"""A real Secret Service (gnome-keyring) on a D-Bus session bus of its own, for tests.

It lives in a temporary folder and knows nothing of the user's own keyring and bus.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

_PROGRAMS = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon")
_PASSWORD = b"of no use to anybody"
_START_SECONDS = 20.0
_END_SECONDS = 5.0
_MEMORY = "/dev/shm"
# No folder of services: nothing is started by the bus, no second keyring and no prompter.
_BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>session</type>
 <listen>unix:path={socket}</listen>
 <auth>EXTERNAL</auth>
 <policy context="default">
  <allow send_destination="*" eavesdrop="true"/>
  <allow eavesdrop="true"/>
  <allow own="*"/>
 </policy>
</busconfig>
"""


class SecretServiceUnavailable(Exception):
    """The programs are missing, or one of them did not start; the text says which."""


class SecretService:
    """Use it as a context manager: the service runs inside.

    locked: whether its one collection is locked, with nobody to unlock it.
    """

    def __init__(self, *, locked: bool = False) -> None:
        self._locked = locked
        self._resources = ExitStack()
        self._folder = Path()
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "SecretService":
        """Start bus and daemon; SecretServiceUnavailable where that fails within 20 s."""
        missing = [program for program in _PROGRAMS if shutil.which(program) is None]
        if missing:
            raise SecretServiceUnavailable(f"not installed: {', '.join(missing)}")
        with ExitStack() as resources:
            # gnome-keyring waits for the disk at every write, and beside an engine that takes long.
            parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
            folder = resources.enter_context(
                tempfile.TemporaryDirectory(prefix="contctl-", dir=parent)
            )
            self._folder = Path(folder)
            for name in ("home", "run", "data", "config"):
                (self._folder / name).mkdir(mode=0o700)
            self._start_bus(resources)
            self._start_daemon(resources)
            if self._locked:
                self._lock()
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End both processes and remove the folder."""
        self._resources.close()

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process that is to use this service and nothing of the user's."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self._folder / "home"),
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "DBUS_SESSION_BUS_ADDRESS": self._address,
        }

    @property
    def is_running(self) -> bool:
        """Whether the daemon is there; gnome-keyring 42 aborts now and then under many writers."""
        return self._daemon is not None and self._daemon.poll() is None

    def freeze(self) -> None:
        """Stop the daemon: it answers nothing until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the daemon go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the daemon at once; the bus stays."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait(_END_SECONDS)

    def start_again(self) -> None:
        """Start a daemon in place of a killed one; what was kept is there again."""
        self._start_daemon(self._resources)

    def _signal(self, number: signal.Signals) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(number)

    @property
    def _address(self) -> str:
        return f"unix:path={self._folder / 'bus'}"

    def _start_bus(self, resources: ExitStack) -> None:
        configuration = self._folder / "bus.conf"
        configuration.write_text(_BUS_CONFIGURATION.format(socket=self._folder / "bus"))
        command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile"]
        bus = resources.enter_context(_running(command, self.environ))
        _await("the session bus", bus, (self._folder / "bus").exists)

    def _start_daemon(self, resources: ExitStack) -> None:
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        self._daemon = resources.enter_context(_running(command, self.environ, _PASSWORD))
        _await("gnome-keyring", self._daemon, self._is_on_the_bus)

    def _is_on_the_bus(self) -> bool:
        answer = self._send(
            "org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        )
        return "true" in answer

    def _lock(self) -> None:
        collection = "/org/freedesktop/secrets/collection/login"
        answer = self._send(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            f"array:objpath:{collection}",
        )
        if collection not in answer:
            raise SecretServiceUnavailable("the collection could not be locked")

    def _send(self, destination: str, path: str, method: str, argument: str) -> str:
        command = ["dbus-send", f"--bus={self._address}", "--print-reply", f"--dest={destination}"]
        done = subprocess.run(
            [*command, path, method, argument],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
            check=False,
        )
        return done.stdout


@contextmanager
def _running(
    command: list[str], environ: dict[str, str], stdin: bytes = b""
) -> Iterator[subprocess.Popen[bytes]]:
    """The process of `command`, which has read `stdin`; it is ended afterwards, stopped or not."""
    process = subprocess.Popen(
        command,
        env=environ,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_SECONDS)


def _await(name: str, process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SecretServiceUnavailable(f"{name} did not start")
        time.sleep(0.02)
