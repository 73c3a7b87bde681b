"""Runs over many containers and a long log, in turns with docker's own program."""

import statistics
from collections.abc import Sequence
from urllib.parse import urlencode

from devtools.bench.place import AT_GATEWAY, CONTCTL, IMAGE, Place
from devtools.bench.runs import Command, Comparison, Environ, into_pipe
from devtools.bench.works import Result, Work, measured
from devtools.http_unix import request_json

CROWD = 300
"""Containers that are listed."""
FLEET = 50
"""Of these, those that are started and stopped."""
LINES = 1_000_000
GRACE = "1"
"""Seconds; `sleep` as the first process of a container heeds no SIGTERM, so all of it is waited."""
_LINE = "x" * 80


def results(place: Place, pairs: int) -> list[Result]:
    """The comparisons on many containers and a long log, each of which takes its time."""
    log = _write_log(place)
    fleet = _make_crowd(place.engine)
    count, lines, dockers = len(fleet), f"{LINES:,} lines", (place.docker, "logs", log)
    at_gateway, every = (*AT_GATEWAY, "logs", log), ("ps", "-a")
    works = (
        Work(f"contctl logs, {lines}", "docker logs", (CONTCTL, "logs", log), dockers, limit=1),
        Work(f"contctl logs, {lines}, gateway", "docker logs", at_gateway, dockers, limit=None),
        Work(
            f"contctl ps -a, {CROWD} containers",
            "docker ps -a",
            (CONTCTL, *every),
            (place.docker, *every),
        ),
    )
    found = [measured(place, work, pairs, warm_up=1) for work in works]
    place.log_in_again()
    start, stop = _start_and_stop((CONTCTL,), (place.docker,), fleet, place.environ, pairs)
    stopping = f"stop -t {GRACE}"
    return [
        *found,
        (Work(f"contctl start, {count}", "docker start", limit=1), start),
        (Work(f"contctl {stopping}, {count}", f"docker {stopping}", limit=1.2), stop),
    ]


def _make_crowd(host: str) -> tuple[str, ...]:
    """Make CROWD containers, none of which runs; the names of FLEET of them."""
    names = tuple(f"crowd-{number}" for number in range(CROWD))
    for name in names:
        body = {"Image": IMAGE, "Cmd": ["sleep", "86400"], "HostConfig": {"NetworkMode": "none"}}
        request_json(host, "POST", f"/containers/create?{urlencode({'name': name})}", body)
    return names[:FLEET]


def _write_log(place: Place) -> str:
    """Have a container write LINES lines; its name."""
    name = "long-log"
    script = f"yes {_LINE} | head -n {LINES}"
    place.run(place.docker, "run", "-d", "--name", name, IMAGE, "sh", "-c", script)
    place.run(place.docker, "wait", name, seconds=600)
    return name


def _start_and_stop(
    ours: Command, theirs: Command, names: Sequence[str], environ: Environ, pairs: int
) -> tuple[Comparison, Comparison]:
    """Start and stop `names` with both programs in turns: the starts compared, and the stops."""

    def cycle(program: Command) -> tuple[float, float]:
        start, stop = (*program, "start", *names), (*program, "stop", "-t", GRACE, *names)
        return into_pipe(start, environ), into_pipe(stop, environ)

    # The first start of a container makes more than later ones do.
    cycle(theirs)
    cycles = [(cycle(ours), cycle(theirs)) for _ in range(pairs)]
    return (
        _compared([(our[0], their[0]) for our, their in cycles]),
        _compared([(our[1], their[1]) for our, their in cycles]),
    )


def _compared(measured: Sequence[tuple[float, float]]) -> Comparison:
    return Comparison(
        statistics.median(our for our, _ in measured),
        statistics.median(their for _, their in measured),
        statistics.median(our / their for our, their in measured),
    )
