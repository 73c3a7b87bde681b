"""What is compared with what, and the limit of each ratio."""

import sys
from dataclasses import dataclass

from devtools.bench.place import AT_GATEWAY, CONTCTL, Place
from devtools.bench.runs import (
    Command,
    Comparison,
    Measure,
    compare,
    into_pipe,
    on_terminal,
    peak_memory,
)

LIMIT = 15.0
GATEWAY_LIMIT = 10.0
COMPLETION_LIMIT = 12.0


@dataclass(frozen=True)
class Work:
    """One comparison. limit: of the ratio, None where there is none to keep."""

    name: str
    against: str
    ours: Command = ()
    theirs: Command = ()
    measure: Measure = into_pipe
    unit: str = "ms"
    limit: float | None = LIMIT

    def is_too_slow(self, found: Comparison) -> bool:
        """Whether the limit is exceeded."""
        return self.limit is not None and found.ratio > self.limit


Result = tuple[Work, Comparison]


def everyday(docker: str) -> tuple[Work, ...]:
    """The comparisons of single, short commands. docker: its program."""
    ours, theirs = (CONTCTL, "ps"), (docker, "ps")
    bare = (sys.executable, "-c", "pass")
    completing = ("env", "_CONTCTL_COMPLETE=zsh", CONTCTL, "stop", "bench")
    at_gateway = (*AT_GATEWAY, "ps")
    return (
        Work("contctl ps, pipe", "docker ps", ours, theirs),
        Work("contctl ps, terminal", "docker ps", ours, theirs, on_terminal),
        Work("contctl ps, gateway", "docker ps", at_gateway, theirs, limit=GATEWAY_LIMIT),
        Work("contctl --help", "bare interpreter", (CONTCTL, "--help"), bare),
        Work(
            "contctl, completing a name",
            "bare interpreter",
            completing,
            bare,
            limit=COMPLETION_LIMIT,
        ),
        Work("contctl ps, memory", "docker ps", ours, theirs, peak_memory, "MB", None),
    )


def measured(place: Place, work: Work, pairs: int, warm_up: int) -> Result:
    """Make the runs of `work`, with tokens that last until their end."""
    place.log_in_again()
    return work, compare(work.measure, work.ours, work.theirs, place.environ, pairs, warm_up)
