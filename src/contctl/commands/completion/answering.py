"""One question of a shell, and its answer."""

import os
import threading
from collections.abc import Sequence

from contctl.commands.app import App
from contctl.commands.completion.candidates import candidates
from contctl.commands.completion.shells import SCRIPTS, answer, question
from contctl.commands.lazy import LazyGroup

SECONDS = 1.8
"""How long a person may wait for an answer."""


def complete(app: App, root: LazyGroup, shell: str, args: Sequence[str]) -> int:
    """Answer on standard output; nothing where that cannot be known, or not in time."""
    if shell not in SCRIPTS:
        return 0
    # Whatever it waits for, an engine, a lock, a keyring: the process ends.
    deadline = threading.Timer(SECONDS, os._exit, (0,))
    deadline.daemon = True
    deadline.start()
    try:
        asked = question(shell, args)
        lines = answer(shell, asked, candidates(app, root, asked.words, asked.begun))
    except Exception:  # noqa: BLE001 - a message would stand in the middle of what is typed
        lines = []
    finally:
        deadline.cancel()
    for line in lines:
        app.terminal.line(line)
    return 0
