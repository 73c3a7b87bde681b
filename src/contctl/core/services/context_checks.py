"""A diagnosis of the contexts that commands do not go to now."""

import threading
import time
from queue import Empty, SimpleQueue

from contctl.core.answers import Check, Level
from contctl.core.domain.contexts import ListedContext
from contctl.core.errors import ContctlError
from contctl.core.ports import ContextProbe

_SECONDS = 10.0
_WIDTH = 32
"""How many are asked at the same time."""


def context_checks(probe: ContextProbe, seconds: float = _SECONDS) -> tuple[Check, ...]:
    """A line for each, all asked side by side. What fails is a note, for nothing was to go there.

    seconds: for all of them together; who has not answered then is not waited for.
    """
    try:
        contexts = probe.others()
    except ContctlError as error:
        return (Check("contexts", Level.NOTE, error.message, error.hint),)
    waiting: SimpleQueue[ListedContext] = SimpleQueue()
    found: dict[str, Check] = {}
    bugs: list[Exception] = []
    for context in contexts:
        waiting.put(context)

    def work() -> None:
        while True:
            try:
                context = waiting.get_nowait()
            except Empty:
                return
            try:
                found[context.name] = _check(probe, context)
            except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
                bugs.append(error)

    threads = [
        threading.Thread(target=work, daemon=True) for _ in range(min(_WIDTH, len(contexts)))
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    if bugs:
        raise bugs[0]
    late = f"no answer within {seconds:g} s"
    return tuple(
        found.get(context.name) or Check(_name(context), Level.NOTE, f"{_where(context)}: {late}")
        for context in contexts
    )


def _check(probe: ContextProbe, context: ListedContext) -> Check:
    if context.problem is not None:
        return Check(_name(context), Level.NOTE, context.problem)
    try:
        return Check(_name(context), Level.OK, probe.ask(context))
    except ContctlError as error:
        return Check(_name(context), Level.NOTE, error.message, error.hint)


def _name(context: ListedContext) -> str:
    return f"context {context.name}"


def _where(context: ListedContext) -> str:
    return f"{context.kind} at {context.address}"
