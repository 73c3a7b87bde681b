"""A store with much in it, against one with little."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from devtools.bench.place import CONTCTL, Place
from devtools.bench.works import Goal, Result, Work, measured
from devtools.filling import GRANTS, RECORDS, USERS, fill

_FEW = 10


def results(place: Place, pairs: int) -> list[Result]:
    """The comparison of `ps` with both."""
    with ExitStack() as resources:
        much, little = (
            resources.enter_context(tempfile.TemporaryDirectory(prefix="contctl-bench-"))
            for _ in range(2)
        )
        for home in (much, little):
            place.in_home(home).log_in(CONTCTL)
        fill(Path(much), users=USERS, grants=GRANTS, records=RECORDS)
        fill(Path(little), users=_FEW, grants=_FEW, records=_FEW)
        work = Work(
            f"ps, {USERS:,} users, {GRANTS:,} grants, {RECORDS:,} audit records",
            f"with {_FEW} of each",
            (CONTCTL, "ps"),
            (CONTCTL, "ps"),
            Goal(1.1, 1.0),
            ours_in={"CONTCTL_HOME": much},
            theirs_in={"CONTCTL_HOME": little},
        )
        for home in (much, little):
            place.in_home(home).run(CONTCTL, "refresh")
        return [measured(place, work, pairs)]
