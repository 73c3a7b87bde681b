"""Passing signals on to a container."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

from contctl.commands.app import App
from contctl.core.domain.actions import Kill
from contctl.core.errors import ContctlError

_PASSED_ON = 3
"""The SIGINT or SIGTERM of this number is no longer passed on, as docker has it."""
_COUNTED = (signal.SIGINT, signal.SIGTERM)
_ENDING = (*_COUNTED, signal.SIGHUP, signal.SIGQUIT)
"""What asks contctl itself to end."""
_PROXIED = (*_ENDING, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM)
"""What is passed on. Docker's --sig-proxy also takes job control and the terminal's size, which are
contctl's own terminal's here."""
_Handler = Callable[[int, FrameType | None], object] | int | None


@contextmanager
def signals_passed_on(app: App, ref: str) -> Iterator[None]:
    """While the body runs, signals go to the container, as docker run passes them on.

    The third SIGINT or SIGTERM, and any signal that asks for an end and could not be passed on,
    ends contctl instead. One that contctl was told to ignore (nohup) stays ignored.
    """
    left = [_PASSED_ON]

    def give_up(number: int) -> None:
        left[0] = 0
        os.kill(os.getpid(), number)

    def pass_on(number: int, frame: FrameType | None) -> None:
        left[0] -= number in _COUNTED
        if left[0] <= 0 and number in _ENDING:
            _end(number, before[number], frame)
        kill = Kill(signal.Signals(number).name.removeprefix("SIG"))
        # In a thread, because the handler may have interrupted a write to the store.
        threading.Thread(
            target=_pass_on, args=(app, kill, ref, partial(give_up, number)), daemon=True
        ).start()

    heeded = [each for each in _PROXIED if signal.getsignal(each) is not signal.SIG_IGN]
    before: dict[int, _Handler] = {number: signal.signal(number, pass_on) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, handler: _Handler, frame: FrameType | None) -> None:
    """End contctl as the signal would have without being passed on, but not before a terminal is
    as it was: the code is the one that a shell shows."""
    if callable(handler):
        handler(number, frame)
        return
    raise SystemExit(128 + number)


def _pass_on(app: App, kill: Kill, ref: str, give_up: Callable[[], None]) -> None:
    try:
        for outcome in app.api.containers.act(kill, [ref]):
            if outcome.error is not None:
                raise outcome.error
    except ContctlError as error:
        app.terminal.note(f"the signal was not passed on: {error.message}")
        if signal.Signals[f"SIG{kill.signal}"] in _ENDING:
            give_up()
