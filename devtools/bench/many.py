"""Many containers and a long log, in turns with docker's own program."""

from devtools.bench.changes import make, start_and_stop
from devtools.bench.place import AT_GATEWAY, CONTCTL, IMAGE, Place
from devtools.bench.works import Goal, Result, Work, measured

CROWD = 300
"""Containers that are listed."""
FLEET = 50
"""Of these, those that are started and stopped."""
LINES = 1_000_000
GRACE = "1"
"""Seconds; `sleep` as the first process of a container heeds no SIGTERM, so all of it is waited."""
_LINE = "x" * 80
_LOG = "long-log"


def results(place: Place, pairs: int, long_pairs: int) -> list[Result]:
    """All comparisons on them. long_pairs: of those of which each takes its time."""
    names = [f"crowd-{number}" for number in range(CROWD)]
    for name in names:
        make(place, name)
    listing = Work(
        f"ps -a, {CROWD} containers",
        "docker ps -a",
        (CONTCTL, "ps", "-a"),
        (place.docker, "ps", "-a"),
        Goal(4, 1.5),
    )
    found = [measured(place, listing, pairs)]
    found += _logs(place, long_pairs)
    start, stop = start_and_stop(place, names[:FLEET], GRACE, long_pairs)
    stopping = f"stop -t {GRACE}"
    return [
        *found,
        (Work(f"start, {FLEET}", "docker start", goal=Goal(0.8, 0.65)), start),
        (Work(f"{stopping}, {FLEET}", f"docker {stopping}", goal=Goal(1.2)), stop),
    ]


def _logs(place: Place, pairs: int) -> list[Result]:
    script = f"yes {_LINE} | head -n {LINES}"
    place.run(place.docker, "run", "-d", "--name", _LOG, IMAGE, "sh", "-c", script)
    place.run(place.docker, "wait", _LOG, seconds=600)
    name, theirs = f"logs, {LINES:,} lines", (place.docker, "logs", _LOG)
    works = (
        Work(name, "docker logs", (CONTCTL, "logs", _LOG), theirs, Goal(0.9, 0.7)),
        Work(f"{name}, gateway", "docker logs", (*AT_GATEWAY, "logs", _LOG), theirs),
    )
    return [measured(place, work, pairs, warm_up=1) for work in works]
