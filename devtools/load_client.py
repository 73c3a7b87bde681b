"""Clients of a gateway that call all at once, as threads of one process and one user.

`python -m devtools.load_client` reads a Plan as JSON on standard input and says `ready`. With the
next line it begins, and in the end it writes what became of the calls, a Report, as JSON.
"""

import json
import os
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.containers import GatewayContainers
from contctl.backends.gateway.streams import FrameStream
from contctl.backends.gateway.transport import Transport
from contctl.backends.http.sockets import connect
from contctl.core.api import Stream
from contctl.core.domain.actions import Action, Outcome, Start, Stop
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import Chunk, LogOptions
from contctl.core.errors import ContctlError

PAUSE = 1.0
"""Seconds that a client waits after an error: what `Retry-After` says where it was one too many."""
SHARES = {"ps": 6, "logs": 2, "start": 1, "stop": 1}
"""How often each operation is called in comparison with the others."""
FOLLOW = "logs -f"
UNREACHABLE = "unreachable"
"""The kind of error where nobody listens."""
# The user that this process becomes may not read the modules that are imported on first use.
_IMPORTED = (GatewayContainers, FrameStream, Outcome, Chunk, connect)


@dataclass(frozen=True)
class Credential:
    """A token, and the id by which the audit log knows it: that of the session or CI token."""

    token: str
    known_as: str


@dataclass(frozen=True)
class Plan:
    """What one process of clients does.

    uid: the user that it becomes.  callers: one client for each; they call again and again.
    followers: one open `logs -f` for each.  talking: containers to read the logs of.  changing:
    containers to start and stop.
    """

    gateway: str
    uid: int
    seconds: float
    callers: list[Credential]
    followers: list[Credential]
    talking: list[str]
    changing: list[str]


@dataclass
class Report:
    """What became of it. took: milliseconds of every call that succeeded, by operation.

    errors: how many, by operation and kind.  acknowledged: changes whose OK was received: `key` of
    it, and between which times, in milliseconds since the epoch.  lines: read from open streams.
    """

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    acknowledged: list[tuple[str, int, int]] = field(default_factory=list)
    lines: int = 0


class Clients:
    """All clients of one process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._report = Report()
        self._lock = threading.Lock()
        self._until = 0.0
        self._open: set[Stream[Any]] = set()

    def run(self) -> Report:
        """Let all of them work until the time is over."""
        plan = self._plan
        self._until = time.monotonic() + plan.seconds
        works = [(self._call, each) for each in plan.callers]
        works += [(self._follow, each) for each in plan.followers]
        threads = [threading.Thread(target=work, args=(each,)) for work, each in works]
        for thread in threads:
            thread.start()
        time.sleep(max(0.0, self._until - time.monotonic()))
        with self._lock:
            followed = list(self._open)
        for stream in followed:
            stream.close()
        for thread in threads:
            thread.join()
        return self._report

    def _containers(self, credential: Credential) -> GatewayContainers:
        transport = Transport(parse_address(self._plan.gateway))
        return GatewayAuthority(transport, lambda: Secret(credential.token)).containers

    def _call(self, credential: Credential) -> None:
        containers = self._containers(credential)
        names, shares = list(SHARES), list(SHARES.values())
        while time.monotonic() < self._until:
            (name,) = random.choices(names, shares)
            self._timed(name, partial(self._do, name, containers, credential))

    def _do(self, name: str, containers: GatewayContainers, credential: Credential) -> None:
        match name:
            case "ps":
                containers.list(ListQuery())
            case "logs":
                options = LogOptions(tail=20)
                for _ in containers.logs([random.choice(self._plan.talking)], options):
                    pass
            case "start":
                self._change(containers, Start(), credential)
            case "stop":
                # They do not heed SIGTERM, and their grace is not what is measured.
                self._change(containers, Stop(grace=0), credential)

    def _change(
        self, containers: GatewayContainers, action: Action, credential: Credential
    ) -> None:
        began = _milliseconds()
        for outcome in containers.act(action, [random.choice(self._plan.changing)]):
            if outcome.error is not None:
                raise outcome.error
            what = key(credential.known_as, action.permission, outcome.container_id or "")
            with self._lock:
                self._report.acknowledged.append((what, began, _milliseconds()))

    def _follow(self, credential: Credential) -> None:
        containers = self._containers(credential)
        while time.monotonic() < self._until:
            self._timed(FOLLOW, partial(self._read, containers))

    def _read(self, containers: GatewayContainers) -> None:
        options = LogOptions(follow=True, tail=1)
        stream = containers.logs([random.choice(self._plan.talking)], options)
        with self._lock:
            self._open.add(stream)
        if time.monotonic() >= self._until:
            stream.close()
        for _ in stream:
            with self._lock:
                self._report.lines += 1
        if time.monotonic() < self._until:
            raise RuntimeError("an open stream ended by itself")

    def _timed(self, name: str, call: Callable[[], None]) -> None:
        began = time.monotonic()
        try:
            call()
        except (ContctlError, RuntimeError) as error:
            with self._lock:
                self._report.errors[name][_kind(error)] += 1
            time.sleep(min(PAUSE, max(0.0, self._until - time.monotonic())))
            return
        with self._lock:
            self._report.took[name].append((time.monotonic() - began) * 1000)


def key(known_as: str, action: str, container: str) -> str:
    """By which a change and its records know each other. container: its full ID."""
    return f"{known_as} {action} {container}"


def _milliseconds() -> int:
    return int(time.time() * 1000)


def _kind(error: ContctlError | RuntimeError) -> str:
    if not isinstance(error, ContctlError):
        return str(error)
    if error.message.startswith("cannot reach the gateway"):
        return UNREACHABLE
    return error.reason or f"{error.code}: {error.message}"


def plan_of(document: Any) -> Plan:
    """The plan that `asdict` made `document` of."""
    for name in ("callers", "followers"):
        document[name] = [Credential(**each) for each in document[name]]
    return Plan(**document)


def main(lines: Iterable[str]) -> None:
    """Do what the first of the lines says."""
    reading = iter(lines)
    plan = plan_of(json.loads(next(reading)))
    if os.geteuid() == 0:
        os.setuid(plan.uid)
    print("ready", flush=True)
    next(reading)
    print(json.dumps(vars(Clients(plan).run())), flush=True)


if __name__ == "__main__":
    main(sys.stdin)
