"""`python -m devtools.bench`: its options, and the order of the measurements."""

import argparse
import datetime
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from devtools import bench
from devtools.bench import changes, cluster, ending, many, store, works
from devtools.bench.load import bears_loads
from devtools.bench.machine import machine
from devtools.bench.page import PAGE, page
from devtools.bench.place import Place, prepare
from devtools.bench.table import aligned


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a limit is exceeded. RuntimeError where it cannot be done."""
    options = _options(arguments)
    with ExitStack() as resources:
        place = prepare(resources)
        # The first thing to happen at the end: from then on nothing may interrupt the clearing up.
        resources.callback(ending.ignore_signals)
        kind = machine(place)
        print(", ".join(kind), flush=True)
        results = []
        for work, found in _results(place, options.pairs, options.long_pairs):
            results.append((work, found))
            print(f"{work.name}: {found.ratio:.2f} x", file=sys.stderr, flush=True)
        print("\n".join(aligned(results)), flush=True)
        if options.write:
            today = datetime.datetime.now(datetime.UTC).date()
            PAGE.write_text(page(results, kind, today))
        bears = bears_loads(place, options.clients, options.seconds)
    return int(not bears or any(work.is_too_slow(found) for work, found in results))


def _results(place: Place, pairs: int, long_pairs: int) -> Iterator[works.Result]:
    for work in works.everyday(place.docker):
        yield works.measured(place, work, pairs)
    yield from changes.results_of_one(place, pairs)
    yield from store.results(place, pairs)
    yield from many.results(place, pairs, long_pairs)
    yield from cluster.results(place, long_pairs)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devtools.bench", description=bench.__doc__)
    parser.add_argument("--pairs", type=_count, default=20, help="runs of each command; default 20")
    parser.add_argument(
        "--long-pairs", type=_count, default=5, help="of those that take seconds; default 5"
    )
    parser.add_argument("--clients", type=_count, default=200, help="at once; default 200")
    parser.add_argument("--seconds", type=_count, default=60, help="of their load; default 60")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name} anew")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one pair is needed")
    return number


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ending.terminate)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
