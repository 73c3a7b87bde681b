"""Asking another program something, within bounds of time and length."""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

MAX_ANSWER = 64 * 1024
"""Bytes."""


def ask_program(
    argv: Sequence[str], question: str, environ: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """The exit code of `argv` and its standard output, with `question` on its standard input.

    TimeoutError where it takes longer than `seconds`, OverflowError where it writes more than
    MAX_ANSWER; it is killed then, with its process group. OSError where it cannot be run.
    """
    deadline = time.monotonic() + seconds
    with subprocess.Popen(  # noqa: S603 - the caller names the program
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=environ,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        threading.Thread(target=_write, args=(process.stdin, question), daemon=True).start()
        try:
            answer = _read(process.stdout.fileno(), deadline)
            code = process.wait(max(0, deadline - time.monotonic()))
        except BaseException as error:
            # It was not waited for, so the number of its group cannot be anybody else's by now.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimeoutError from None
            raise
    return code, answer.decode("utf-8", "replace")


def _write(pipe: IO[bytes], text: str) -> None:
    """In a thread of its own, since a program that does not read would hold it up."""
    with suppress(OSError), pipe:
        pipe.write(text.encode("utf-8", "surrogateescape"))


def _read(descriptor: int, deadline: float) -> bytes:
    answer = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(descriptor, selectors.EVENT_READ)
        while waiting.select(max(0, deadline - time.monotonic())):
            piece = os.read(descriptor, MAX_ANSWER + 1 - len(answer))
            answer += piece
            if not piece:
                return answer
            if len(answer) > MAX_ANSWER:
                raise OverflowError
    raise TimeoutError
