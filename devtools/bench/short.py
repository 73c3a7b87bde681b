"""`make bench-short`: the quick works again, against what `docs/performance.md` says of them."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from devtools.bench import ending
from devtools.bench.page import PAGE, ratios
from devtools.bench.place import Place, Unavailable, prepare
from devtools.bench.runs import Comparison
from devtools.bench.works import Result, Work, everyday, measured

WORSE = 1.5
"""How many times the written ratio is too much."""
PAIRS = 5
AGAIN = 15
"""Pairs of a second measurement, which decides where the first one was bad: by chance, perhaps."""

Measurement = Callable[[int], list[Result]]
"""Makes so many pairs."""


def main() -> int:
    """Measure and print; 1 where a ratio is too much worse.

    Unavailable where it cannot be measured; RuntimeError where a run fails or the page is no good.
    """
    try:
        written = ratios(PAGE.read_text())
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{PAGE.name}: {error}") from error
    with ExitStack() as resources:
        place = prepare(resources)
        # The first thing to happen at the end: from then on nothing may interrupt the clearing up.
        resources.callback(ending.ignore_signals)
        bad = [measure for measure in _measurements(place) if judge(measure(PAIRS), written)]
        still = [complaint for measure in bad for complaint in judge(measure(AGAIN), written)]
    sys.stderr.writelines(f"error: {complaint}" for complaint in still)
    return int(bool(still))


def judge(results: list[Result], written: Mapping[str, float]) -> list[str]:
    """What is to be said against `results`, which are printed. RuntimeError where a ratio is not
    written."""
    return [said for work, found in results if (said := _judge(work, found, written))]


def _judge(work: Work, found: Comparison, written: Mapping[str, float]) -> str | None:
    if work.name not in written:
        raise RuntimeError(f"{PAGE.name} does not tell of {work.name!r}: run `make bench`")
    before = written[work.name]
    told = f"{work.name}: {found.ratio:.2f} x in {found.pairs} pairs, {before:.2f} x was written"
    print(told, flush=True)
    return f"{told}, more than {WORSE:g} times as much\n" if found.ratio > WORSE * before else None


def _measurements(place: Place) -> list[Measurement]:
    def of(work: Work, pairs: int) -> list[Result]:
        return [measured(place, work, pairs, warm_up=1)]

    return [partial(of, work) for work in everyday(place.docker)]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ending.terminate)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except Unavailable as error:
        if os.environ.get("CI"):
            sys.exit(f"error: {error}")
        print(f"not measured: {error}", file=sys.stderr)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
