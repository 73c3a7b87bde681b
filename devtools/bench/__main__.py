"""`python -m devtools.bench`: its options, and the order of the measurements."""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

from devtools import bench
from devtools.bench import cluster, many, works
from devtools.bench.load import bears_loads
from devtools.bench.place import prepare
from devtools.bench.printing import heading, table
from devtools.bench.runs import WARM_UP_PAIRS


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a limit is exceeded. RuntimeError where it cannot be done."""
    options = _options(arguments)
    with ExitStack() as resources:
        place = prepare(resources)
        # The first thing to happen at the end: from then on nothing may interrupt the clearing up.
        resources.callback(_ignore_signals)
        print(heading(place, options.pairs), flush=True)
        results = [
            works.measured(place, work, options.pairs, WARM_UP_PAIRS)
            for work in works.everyday(place.docker)
        ]
        results += many.results(place, options.long_pairs)
        results += cluster.results(place, options.long_pairs)
        print("\n".join(table(results)), flush=True)
        bears = bears_loads(place, options.clients, options.seconds)
    return int(not bears or any(work.is_too_slow(found) for work, found in results))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devtools.bench", description=bench.__doc__)
    parser.add_argument("--pairs", type=_count, default=20, help="runs of each command; default 20")
    parser.add_argument("--long-pairs", type=_count, default=3, help="of long ones; default 3")
    parser.add_argument("--clients", type=_count, default=200, help="at once; default 200")
    parser.add_argument("--seconds", type=_count, default=60, help="of their load; default 60")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one pair is needed")
    return number


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - signal's own
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
