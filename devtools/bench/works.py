"""What is compared with what, and what is asked of each comparison."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from devtools.bench.place import AT_GATEWAY, CONTAINERS, CONTCTL, Place
from devtools.bench.runs import (
    WARM_UP_PAIRS,
    Command,
    Comparison,
    Measure,
    compare,
    into_pipe,
    on_terminal,
    peak_memory,
)


@dataclass(frozen=True)
class Goal:
    """How many times the other's a median may be at most, and is to be; in milliseconds over the
    other's where `over`. aim: None where there is none beyond the limit."""

    at_most: float
    aim: float | None = None
    over: bool = False

    def is_missed(self, found: Comparison) -> bool:
        """Whether the limit is exceeded."""
        return self._of(found) > self.at_most

    def is_reached(self, found: Comparison) -> bool:
        """Whether it is as is aimed at."""
        return self.aim is not None and self._of(found) <= self.aim

    def _of(self, found: Comparison) -> float:
        return found.difference if self.over else found.ratio


@dataclass(frozen=True)
class Work:
    """One comparison. goal: None where it is for reading only.

    ours_in, theirs_in: more of the environment of one side.
    """

    name: str
    against: str
    ours: Command = ()
    theirs: Command = ()
    goal: Goal | None = None
    measure: Measure = into_pipe
    unit: str = "ms"
    ours_in: Mapping[str, str] = field(default_factory=dict)
    theirs_in: Mapping[str, str] = field(default_factory=dict)

    def is_too_slow(self, found: Comparison) -> bool:
        """Whether the limit is exceeded."""
        return self.goal is not None and self.goal.is_missed(found)


Result = tuple[Work, Comparison]

_PS = f"ps, {CONTAINERS} containers"
STOP_ONE = Work("stop -t 0, one", "docker stop -t 0", goal=Goal(120, 50, over=True))
START_ONE = Work("start, one", "docker start", goal=Goal(120, 50, over=True))


def everyday(docker: str) -> tuple[Work, ...]:
    """Those of single, short commands that change nothing. docker: its program."""
    ours, theirs = (CONTCTL, "ps"), (docker, "ps")
    bare, interpreter = (sys.executable, "-c", "pass"), "bare interpreter"
    return (
        Work(f"{_PS}, pipe", "docker ps", ours, theirs, Goal(8, 4)),
        Work(f"{_PS}, terminal", "docker ps", ours, theirs, Goal(8, 4), on_terminal),
        Work(f"{_PS}, gateway", "docker ps", (*AT_GATEWAY, "ps"), theirs, Goal(6, 3)),
        Work("--help", interpreter, (CONTCTL, "--help"), bare, Goal(6, 4)),
        Work(
            "completing a container's name",
            interpreter,
            (CONTCTL, "stop", "bench"),
            bare,
            Goal(12, 6),
            ours_in={"_CONTCTL_COMPLETE": "zsh"},
        ),
        Work("ps, peak memory", "docker ps", ours, theirs, Goal(1.7, 1.1), peak_memory, "MB"),
    )


def measured(place: Place, work: Work, pairs: int, warm_up: int = WARM_UP_PAIRS) -> Result:
    """Make the runs of `work`, with tokens that last until their end."""
    place.log_in_again()
    ours = partial(work.measure, work.ours, {**place.environ, **work.ours_in})
    theirs = partial(work.measure, work.theirs, {**place.environ, **work.theirs_in})
    return work, compare(ours, theirs, pairs, warm_up)
