"""Many clients at once on one gateway with the default limits: how it bears them, and whether a
change that was acknowledged is in the audit log after the gateway was killed.

The clients are contctl's own gateway client in threads of several processes, each of another user.
"""

import json
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from pathlib import Path

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.errors import NO_ANSWER
from contctl.backends.gateway.transport import Transport
from contctl.core.answers import AuditQuery
from contctl.core.domain.audit import AuditFilter, AuditRecord, Phase
from contctl.core.domain.grants import Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from devtools.gateway import PrivateGateway
from devtools.http_unix import request, request_json
from devtools.load_client import FOLLOW, SHARES, UNREACHABLE, Credential, Plan, Report, key

LIMITED = ("rate-limited", "busy")
"""The errors that a gateway's limits explain."""
ABSENT = (NO_ANSWER, UNREACHABLE)
"""Those of a gateway that is killed."""
GROWTH = 1.3
"""How many times the memory of a third of the run the gateway may hold at its end."""
_PEERS = (64001, 64002, 64003, 64004)
"""Users that need not be there: the limits for each peer know them by their ids."""
_USERS = 8
_TALKING = 10
_CHANGING = 20
_PASSWORD = Secret("correct horse battery staple")
_DAY = 86400
_GRACE = 150.0
"""Seconds in which the last calls end: a little more than the client's own deadline."""


@dataclass
class Load:
    """What was measured in one run.

    seconds: its length.  memory: bytes that the gateway held, every second.
    kills: how often it was killed and started again.
    """

    seconds: float
    report: Report
    memory: list[int] = field(default_factory=list)
    kills: int = 0

    @property
    def growth(self) -> float:
        """The most memory in the last third, as a multiple of what there was after the first."""
        third = len(self.memory) // 3
        return max(self.memory[-third:]) / max(self.memory[third - 1], self.memory[third])

    @property
    def unexplained(self) -> dict[str, int]:
        """Errors that neither the limits explain nor, where the gateway was killed, its absence."""
        found: Counter[str] = Counter()
        for errors in self.report.errors.values():
            for kind, count in errors.items():
                if kind not in LIMITED and not (self.kills and kind in ABSENT):
                    found[kind] += count
        return dict(found)

    def lines(self) -> list[str]:
        """For people."""
        done = sum(map(len, self.report.took.values()))
        rows: list[tuple[str, ...]] = [("operation", "done", "50 %", "95 %", "99 %", "errors")]
        rows += [self._row(name) for name in (*SHARES, FOLLOW)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = [
            "   ".join(
                text.rjust(width) if number else text.ljust(width)
                for number, (text, width) in enumerate(zip(row[:5], widths[:5], strict=True))
            )
            + f"   {row[5]}".rstrip()
            for row in rows
        ]
        held = [
            f"{self.memory[second] / 1e6:.0f} MB after {second + 1} s" for second in self._moments()
        ]
        return [
            *table,
            f"{done / self.seconds:.0f} calls a second, {self.report.lines} lines of open streams,"
            f" {len(self.report.acknowledged)} changes acknowledged",
            f"the gateway's memory: {', '.join(held)}",
        ]

    def _moments(self) -> list[int]:
        count = len(self.memory)
        return sorted({max(1, part * count // 6) - 1 for part in (1, 2, 3, 6)})

    def _row(self, name: str) -> tuple[str, ...]:
        took = sorted(self.report.took.get(name, ()))
        errors = self.report.errors.get(name, Counter())
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(errors.items()))
        if name == FOLLOW or len(took) < 2:
            return (name, str(len(took)), "", "", "", said)
        cuts = statistics.quantiles(took, n=100, method="inclusive")
        return (name, str(len(took)), *(f"{cuts[at - 1]:.0f} ms" for at in (50, 95, 99)), said)


@dataclass(frozen=True)
class Crowd:
    """A gateway with accounts and containers, and the credentials of the clients.

    admin: may read the audit log. talking, changing: names of containers.
    """

    gateway: PrivateGateway
    admin: GatewayAuthority
    credentials: Sequence[Credential]
    talking: list[str]
    changing: list[str]

    def run(self, seconds: float, kills: int = 0) -> Load:
        """All clients call, and half of them hold an open stream, for so long; the gateway is
        killed so many times meanwhile. RuntimeError where a client cannot work."""
        with ExitStack() as resources:
            processes = [resources.enter_context(_client(plan)) for plan in self._plans(seconds)]
            for process in processes:
                _await_ready(process)
            for process in processes:
                _tell(process, "go")
            load = Load(seconds, Report(), kills=kills)
            self._watch(load, kills)
            for process in processes:
                _add(load.report, _ended(process))
        return load

    def faults(self, load: Load) -> list[str]:
        """What of `load` must not be, a line each."""
        found = [f"{count} times: {kind}" for kind, count in load.unexplained.items()]
        idle = [name for name in SHARES if not load.report.took.get(name)]
        found += [f"no {name} succeeded" for name in idle]
        if not load.report.lines:
            found.append("no open stream was read from")
        if not load.kills and load.growth > GROWTH:
            found.append(f"the gateway's memory grew to {load.growth:.2f} times what it was")
        query = AuditQuery(wanted=AuditFilter(action="container:"))
        lost = missing(load.report.acknowledged, self.admin.audit.list(query))
        if lost:
            found.append(f"{len(lost)} acknowledged changes are not in the audit log: {lost[0]}")
        problem = self.admin.audit.verify(None).problem
        if problem:
            found.append(f"the audit log is not in order: {problem}")
        return found

    def _plans(self, seconds: float) -> Iterator[Plan]:
        half = len(self.credentials) // 2
        for number, uid in enumerate(_PEERS):
            callers = list(self.credentials[number :: len(_PEERS)])
            followers = list(self.credentials[:half][number :: len(_PEERS)])
            yield Plan(
                self.gateway.host, uid, seconds, callers, followers, self.talking, self.changing
            )

    def _watch(self, load: Load, kills: int) -> None:
        began = time.monotonic()
        deaths = [load.seconds * (number + 1) / (kills + 1) for number in range(kills)]
        for second in range(int(load.seconds)):
            time.sleep(max(0.0, began + second + 1 - time.monotonic()))
            if deaths and second + 1 >= deaths[0]:
                deaths.pop(0)
                self.gateway.kill()
                self.gateway.start()
            load.memory.append(self.gateway.memory())


@contextmanager
def crowd(gateway: PrivateGateway, engine: str, image: str, clients: int) -> Iterator[Crowd]:
    """So many clients: half with the sessions of a few users, half with a CI token each. The
    containers go at the end. gateway: without a store.  engine: its engine's address."""
    prefix = f"load-{gateway.data.parent.name[-8:].replace('_', 'x')}"
    talking = [f"{prefix}-talks-{number}" for number in range(_TALKING)]
    changing = [f"{prefix}-changes-{number}" for number in range(_CHANGING)]
    with ExitStack() as resources:
        for name in talking:
            _run(resources, engine, name, image, "while :; do echo a line; sleep 1; done")
        for name in changing:
            _run(resources, engine, name, image, "exec sleep 86400")
        nobody = authority(gateway, None)
        nobody.session.initialise("ada", _PASSWORD)
        admin = authority(gateway, nobody.session.login("ada", _PASSWORD).tokens.access)
        yield Crowd(gateway, admin, _credentials(gateway, admin, clients), talking, changing)


def authority(gateway: PrivateGateway, token: Secret | None) -> GatewayAuthority:
    """The gateway, for the holder of `token`."""
    return GatewayAuthority(Transport(parse_address(gateway.host)), lambda: token)


def missing(
    acknowledged: Iterable[tuple[str, int, int]], records: Iterable[AuditRecord]
) -> list[str]:
    """The changes whose OK was received, and whose intent and outcome are not both in the log from
    the time in which they were made. acknowledged: as in a Report."""
    recorded = _completed(records)
    found = []
    for what, began, ended in sorted(acknowledged, key=itemgetter(2)):
        fits = [at for at in recorded[what] if began <= at[0] <= at[1] <= ended]
        if fits:
            # The others in the list end later, so the earliest intent is of least use to them.
            recorded[what].remove(min(fits))
        else:
            found.append(what)
    return found


def _completed(records: Iterable[AuditRecord]) -> dict[str, list[tuple[int, int]]]:
    """The times of intent and outcome, in milliseconds since the epoch, of all changes that have
    both and were made, by the change's `key`."""
    intents: dict[int | None, tuple[str, int]] = {}
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for record in records:
        entry = record.entry
        what = key(entry.token_id or entry.session_id, entry.action, entry.target)
        if entry.phase is Phase.INTENT:
            intents[record.number] = what, entry.at
        elif entry.phase is Phase.OUTCOME and entry.result == "ok":
            intended, at = intents.get(entry.intent, ("", 0))
            if intended == what:
                found[what].append((at, entry.at))
    return found


def _credentials(
    gateway: PrivateGateway, admin: GatewayAuthority, clients: int
) -> list[Credential]:
    """Half of them the sessions of a few users, the others a CI token each, in turns."""
    sessions, tokens = [], []
    for number in range(_USERS):
        admin.users.add(f"user{number}", _PASSWORD, Role.OPERATOR)
        issued = authority(gateway, None).session.login(f"user{number}", _PASSWORD)
        own = authority(gateway, issued.tokens.access)
        sessions.append(Credential(issued.tokens.access.reveal(), issued.session_id))
        for job in range(number, clients // 2, _USERS):
            made = own.ci_tokens.create(f"job-{job}", Role.OPERATOR, Scope(), _DAY)
            tokens.append(Credential(made.text.reveal(), made.token.id))
    return [
        tokens[number // 2] if number % 2 else sessions[number // 2 % _USERS]
        for number in range(clients // 2 * 2)
    ]


def _run(resources: ExitStack, engine: str, name: str, image: str, script: str) -> None:
    """Make and start a container that goes at the end."""
    spec = {"Image": image, "Cmd": ["sh", "-c", script]}
    made = request_json(engine, "POST", f"/containers/create?name={name}", spec)
    resources.callback(request, engine, "DELETE", f"/containers/{made['Id']}?force=1")
    request(engine, "POST", f"/containers/{made['Id']}/start")


@contextmanager
def _client(plan: Plan) -> Iterator["subprocess.Popen[str]"]:
    """A process of clients, ready to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "devtools.load_client"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _tell(process, json.dumps(asdict(plan)))
        yield process
    finally:
        process.kill()
        process.communicate()


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _await_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise RuntimeError("a process of clients could not begin")


def _ended(process: "subprocess.Popen[str]") -> Report:
    """What the process reports in the end; RuntimeError where it does not."""
    try:
        said, _ = process.communicate(timeout=_GRACE)
        return Report(**json.loads(said))
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise RuntimeError(f"a process of clients did not end as it should: {error}") from error


def _add(report: Report, other: Report) -> None:
    for name, took in other.took.items():
        report.took[name] += took
    for name, errors in other.errors.items():
        report.errors[name] += Counter(errors)
    report.acknowledged += [(what, began, ended) for what, began, ended in other.acknowledged]
    report.lines += other.lines
