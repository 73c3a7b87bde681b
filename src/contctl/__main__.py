"""The process: streams, signals, and an end without delay."""

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process and end with its exit code."""
    # The thousands of objects that imports make are no garbage: looking for some takes 10 ms.
    gc.set_threshold(100_000, 20, 20)
    _forbid_core_files()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _load()(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    # The interpreter's own teardown takes a third of an everyday command's time. Nothing is left to
    # it: output is flushed, transactions are committed, and files are whole before they get a name.
    os._exit(code)


def _load() -> Callable[[list[str]], int]:
    """The command line, imported. While it is, an interrupt ends the process as it ends others: in
    the middle of an import it could be lost, or be shown as a traceback."""
    catches_interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if catches_interrupts:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from contctl.bootstrap import system_app
    from contctl.commands.main import run

    if catches_interrupts:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return lambda arguments: run(system_app(), arguments)


def _forbid_core_files() -> None:
    """Memory that may hold a password or a token is not written out when the process crashes."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # 1 rather than 0: a kernel that pipes core files to a program heeds only that limit (Linux,
    # fs/coredump.c), and no core file is as small.
    resource.setrlimit(resource.RLIMIT_CORE, (1 if hard else 0, hard))


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature is signal's
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
