"""How much may be under way at once, and how wide a request may be."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from contctl.core.api import Stream
from contctl.core.domain.accounts import Account, User
from contctl.core.domain.actions import Outcome
from contctl.core.errors import ContctlError
from contctl.core.services.fleet import Fleet
from contctl.gateway.bounds import Bound, Turns
from contctl.gateway.limits import Limits
from contctl.gateway.requests import MOST_TARGETS
from tests.bounded import SECONDS, eventually
from tests.gateway.served import Peer, Served, served


def test_a_bound_counts_how_wide_each_is() -> None:
    bound = Bound(5, "streams")
    bound.enter("ada", 3)
    with pytest.raises(ContctlError, match="too many streams at once: the gateway allows 5"):
        bound.enter("ada", 3)
    bound.enter("bob", 5)
    bound.enter("ada", 2)
    bound.leave("ada", 3)
    bound.enter("ada", 3)
    assert len(bound) == 10


def test_turns_are_one_key_at_a_time() -> None:
    async def scene() -> list[str]:
        turns, seen, held = Turns(1), [], asyncio.Event()

        async def take(name: str, key: str, until: asyncio.Event | None = None) -> None:
            async with turns.of(key):
                seen.append(name)
                if until is not None:
                    await until.wait()

        first = asyncio.create_task(take("slow", "ada", held))
        await asyncio.sleep(0)
        second = asyncio.create_task(take("waits", "ada"))
        await asyncio.wait_for(take("passes", "bob"), 5)
        await asyncio.sleep(0)
        before = list(seen)
        held.set()
        await asyncio.wait_for(asyncio.gather(first, second), 5)
        assert (before, turns._keys) == (["slow", "passes"], {})
        return seen

    assert asyncio.run(scene()) == ["slow", "passes", "waits"]


def test_a_turn_that_is_given_up_is_free_again() -> None:
    async def scene() -> None:
        turns, held = Turns(1), asyncio.Event()

        async def take() -> None:
            async with turns.of("ada"):
                await held.wait()

        tasks = [asyncio.create_task(take()) for _ in range(3)]
        await asyncio.sleep(0)
        for task in tasks[:2]:
            task.cancel()
        held.set()
        await asyncio.wait_for(tasks[2], 5)
        assert turns._keys == {}

    asyncio.run(scene())


def test_a_request_has_so_many_targets(gateway: Served) -> None:
    refs = [f"c{number}" for number in range(MOST_TARGETS + 1)]
    for operation in ("inspect", "logs", "stats"):
        arguments = {"refs": refs, **({"options": {}} if operation == "logs" else {})}
        answer = gateway.admin.call(f"containers/{operation}", **arguments)
        assert answer.is_problem(400, "usage")
    assert gateway.admin.call("containers/inspect", refs=refs[:-1]).status == 200


def test_each_container_of_a_stream_counts(tmp_path: Path) -> None:
    limits = Limits(streams=8, streams_per_account=3)
    with served(tmp_path, limits) as gateway:
        for name in ("a1", "a2", "a3", "a4"):
            gateway.container(name)
        answer = gateway.admin.call("containers/stats", refs=["a1", "a2", "a3", "a4"])
        assert answer.is_problem(503, "unavailable", "busy")
        with gateway.admin.begin("containers/stats", refs=["a1", "a2", "a3"]):
            eventually(lambda: len(gateway.app.running) == 3, "three streams are open")
        eventually(lambda: len(gateway.app.running) == 0, "all are closed")


def test_work_that_goes_on_keeps_its_place(tmp_path: Path) -> None:
    ended = threading.Event()

    class Offered:
        def __init__(self) -> None:
            self.users = self.containers = self

        def show(self, _name: str | None) -> Any:
            return Account(User("1", "ada", enabled=True, created_at=0), ())

        def act(self, **_arguments: Any) -> Stream[Outcome]:
            def job() -> Outcome:
                ended.wait(SECONDS)
                return Outcome("web", "1")

            return Fleet([], [job], 1)

    with served(tmp_path, Limits(), lambda _: Offered()) as gateway:
        peer = Peer(gateway.path, "token")
        connection = peer.begin("containers/act", action={"type": "start"}, refs=["web"])
        eventually(lambda: len(gateway.app.running) == 1, "it is under way")
        connection.close()
        assert not ended.wait(0.5)
        assert len(gateway.app.running) == 1
        ended.set()
        eventually(lambda: len(gateway.app.running) == 0, "it has ended")
