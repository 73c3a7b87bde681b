"""Threads for the calls that answer: the services wait for the disk and the engine, and the event
loop must not."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contctl.gateway.bounds import Bound

T = TypeVar("T")


class Workers:
    """So many threads, for which so many calls may wait."""

    def __init__(self, threads: int, waiting: int, what: str) -> None:
        self._pool = ThreadPoolExecutor(threads, f"gateway-{what}")
        self._room = Bound(threads + waiting, what)

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` answers on one of the threads; UNAVAILABLE, reason `busy`, where too many
        wait. One whose caller goes is not interrupted."""
        self._room.enter()
        future = self._pool.submit(call)
        future.add_done_callback(lambda _: self._room.leave())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Begin no more calls; those that run go on."""
        self._pool.shutdown(wait=False, cancel_futures=True)
