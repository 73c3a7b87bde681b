"""Runs of two commands in turns, each measured from its start to its end."""

import os
import statistics
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

Command = Sequence[str]
Environ = Mapping[str, str]
Measure = Callable[[Command, Environ], float]
"""What one run of a command in an environment took; RuntimeError where it fails."""

WARM_UP_PAIRS = 3
_ROWS_AND_COLUMNS = (30, 120)
# Linux counts into a process' peak that of the process it was made from, for the time before it
# became another program. So it is made from a bare interpreter, smaller than all that is measured.
_LAUNCHER = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Comparison:
    """What pairs of runs say.

    ours, theirs: the medians.  ratio, difference: the medians of the pairs' own, so that a machine
    which is slow for a while is so for both sides of each.  pairs: how many there were.
    """

    ours: float
    theirs: float
    ratio: float
    difference: float
    pairs: int


def compare(
    ours: Callable[[], float], theirs: Callable[[], float], pairs: int, warm_up: int = WARM_UP_PAIRS
) -> Comparison:
    """Measure both in turns, `pairs` times after some that do not count."""

    def pair() -> tuple[float, float]:
        return ours(), theirs()

    for _ in range(warm_up):
        pair()
    return compared([pair() for _ in range(pairs)])


def compared(measured: Sequence[tuple[float, float]]) -> Comparison:
    """What these pairs of ours and theirs say."""
    return Comparison(
        statistics.median(our for our, _ in measured),
        statistics.median(their for _, their in measured),
        statistics.median(our / their for our, their in measured),
        statistics.median(our - their for our, their in measured),
        len(measured),
    )


def into_pipe(command: Command, environ: Environ) -> float:
    """Milliseconds of a run whose output goes into a pipe."""
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        with _ended(process), process.stdout:
            process.stdout.read()
            status = process.wait()
        took = time.perf_counter() - began
        errors.seek(0)
        _check(command, status, errors.read())
    return took * 1000


def on_terminal(command: Command, environ: Environ) -> float:
    """Milliseconds of a run on a pseudo-terminal."""
    near, far = os.openpty()
    with open(near, "rb", buffering=0) as screen, open(far, "wb", buffering=0) as terminal:
        termios.tcsetwinsize(terminal, _ROWS_AND_COLUMNS)
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environ, stdin=terminal, stdout=terminal, stderr=terminal
        )
        with _ended(process):
            terminal.close()
            shown = _read_to_end(screen)
            status = process.wait()
        took = time.perf_counter() - began
    _check(command, status, shown)
    return took * 1000


def peak_memory(command: Command, environ: Environ) -> float:
    """The most memory that a run held, in MB (10^6 bytes)."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with _ended(process):
        _, said = process.communicate()
    _check(command, process.returncode, said)
    return int(said.split()[-1]) * 1024 / 1e6


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no process behind, whatever happens inside."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _read_to_end(screen: IO[bytes]) -> bytes:
    pieces = []
    # When the last process has closed the other end, Linux fails the read with EIO.
    with suppress(OSError):
        while piece := screen.read(65536):
            pieces.append(piece)
    return b"".join(pieces)


def _check(command: Command, status: int, said: bytes) -> None:
    if status:
        lines = said.decode(errors="replace").split("\n")
        words = " | ".join(line.strip() for line in lines[-5:] if line.strip())
        raise RuntimeError(f"{' '.join(command)} ended with {status}: {words}")
