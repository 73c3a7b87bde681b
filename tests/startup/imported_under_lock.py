"""A process that refreshes and prints what was imported meanwhile, two JSON lists: before the lock
on the credentials was taken, and while it was held."""

import fcntl
import json
import os
import sys
import time
from pathlib import Path

from contctl.bootstrap.ports import SystemPorts
from contctl.core.services.embedded import EmbeddedContctl
from tests.fakes.clock import FakeClock


def is_held(folder: Path) -> bool:
    """Whether somebody has the lock that is flock's on `folder`."""
    if not folder.exists():
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def main() -> None:
    lock = Path(os.environ["CONTCTL_HOME"]) / "credentials.lock"
    before: list[str] = []
    under: list[str] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "import":
            (under if is_held(lock) else before).append(str(arguments[0]))

    clock = FakeClock(time.time())
    sessions = EmbeddedContctl(
        SystemPorts(os.environ, clock, context=None, interactive=False)
    ).sessions
    sys.addaudithook(note)
    sessions.refresh(None)
    print(json.dumps([before, under]))


if __name__ == "__main__":
    main()
