"""Work done by other processes. They are forked, so that they start with everything imported."""

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

Result = TypeVar("Result")

DEADLINE = 60.0
"""Seconds after which a process has failed."""
NOBODY = 65534

_FORK = multiprocessing.get_context("fork")


def run_at_once(count: int, work: Callable[[int], Result]) -> list[Result]:
    """What `work` returned in each of `count` processes that begin at the same moment; it is given
    the number of its process."""
    barrier = _FORK.Barrier(count)
    running = [_start(work, number, barrier) for number in range(count)]
    results: list[Result] = [_answer(process, pipe) for process, pipe in running]
    return results


def run_apart(work: Callable[[], Result]) -> Result:
    """What `work` returned in a process of its own."""
    return run_at_once(1, lambda _: work())[0]


def run_unprivileged(work: Callable[[], Result]) -> Result:
    """What `work` returned in a process that file modes bind, for they do not bind root."""

    def drop_and_work() -> Result:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return run_apart(drop_and_work)


def kill_during(work: Callable[[], object], delay: float) -> None:
    """Start `work` in a process and kill it with SIGKILL after `delay` seconds."""
    process = _FORK.Process(target=work)
    process.start()
    time.sleep(delay)
    process.kill()
    process.join(DEADLINE)
    assert process.exitcode is not None


def _start(
    work: Callable[[int], Result], number: int, barrier: Barrier
) -> tuple[BaseProcess, Connection]:
    receiver, sender = _FORK.Pipe(duplex=False)

    def run() -> None:
        barrier.wait(DEADLINE)
        sender.send(work(number))

    process = _FORK.Process(target=run, daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _answer(process: BaseProcess, pipe: Connection) -> Any:
    try:
        assert pipe.poll(DEADLINE), "the process did not answer in time"
        return pipe.recv()
    finally:
        pipe.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join(5)
