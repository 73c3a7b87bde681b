"""Starting and ending the private servers that the tests talk to, by process id only."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def start(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run `command` in a session of its own, its output going to the file `log`. environ: this
    process's own if None."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
        )


def await_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, log: Path
) -> None:
    """Return once `ready()`; RuntimeError with the end of `log` if that takes longer, or if the
    process ends before."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.05)
    ended = "ended" if process.poll() is not None else f"was not ready after {seconds:g} s"
    lines = log.read_text(errors="replace").splitlines()[-5:]
    raise RuntimeError(f"{process.args!r} {ended}: {' | '.join(lines)}")


def stop(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """End the process: SIGTERM, and SIGKILL after `seconds`. Whether it went by itself."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
