"""python -m devtools.kubernetes build | run [--while-locked FILE]

build makes the programs. run makes them too, starts a private cluster, prints how to use it and
ends it on SIGINT or SIGTERM, or with --while-locked once no other process holds a lock on FILE.
"""

import argparse
import contextlib
import fcntl
import signal
import sys
from pathlib import Path

from devtools.kubernetes import build, cluster


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m devtools.kubernetes", description=__doc__)
    parser.add_argument("action", choices=["build", "run"])
    parser.add_argument("--while-locked", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        if build.built() is None:
            print("building Kubernetes: this takes some minutes, once a machine", file=sys.stderr)
        build.build()
        if arguments.action == "run":
            _run(arguments.while_locked)
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(lock: Path | None) -> None:
    missing = cluster.missing()
    if missing:
        raise RuntimeError(missing)
    for number in (signal.SIGINT, signal.SIGTERM):  # A shell has its background ignore SIGINT.
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        # Held until the cluster is gone: who locks FILE meanwhile waits, and finds none.
        held = stack.enter_context(lock.open()) if lock is not None else None
        started = stack.enter_context(cluster.PrivateCluster())
        print(f"export KUBECONFIG={started.kubeconfig}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            if held is None:
                signal.pause()
            else:
                fcntl.flock(held, fcntl.LOCK_EX)


if __name__ == "__main__":
    sys.exit(main())
