"""Showing a list of containers for as long as somebody watches it."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO

from contctl.commands.app import App
from contctl.commands.output.screen import Screen
from contctl.commands.output.terminal import Terminal
from contctl.core.api import Stream
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.streams import Event, EventQuery
from contctl.core.errors import ContctlError

LONGEST = 2.0
"""Seconds until the list is asked for again, also where nothing is known to have happened."""
SHORTEST = 0.2
"""Seconds between two lists, however much happens."""

Print = Callable[[Terminal, Sequence[Container], float], None]


def watch(app: App, query: ListQuery, show: Print) -> None:
    """Show the containers that `query` asks for, and again after each event and every two seconds.

    A terminal shows the current list; elsewhere it is printed when something but the ages is new.
    It ends with an interrupt, or the error of a list.
    """
    with closing(app.api.containers.events(EventQuery())) as events, _noticed(events) as wait:
        if app.terminal.is_rich:
            _on_screen(app, query, show, wait)
        else:
            _line_by_line(app, query, show, wait)


def _on_screen(app: App, query: ListQuery, show: Print, wait: Callable[[], None]) -> None:
    containers = app.api.containers.list(query)
    with Screen(app.terminal) as screen:
        while True:
            screen.show(_lines(app, containers, show))
            wait()
            containers = app.api.containers.list(query)


def _lines(app: App, containers: Sequence[Container], show: Print) -> list[str]:
    page = BytesIO()
    show(replace(app.terminal, stdout=page), containers, app.client.now())
    return page.getvalue().decode(app.terminal.encoding).splitlines()


def _line_by_line(app: App, query: ListQuery, show: Print, wait: Callable[[], None]) -> None:
    shown: Hashable = None
    while True:
        containers = app.api.containers.list(query)
        now = tuple(map(_but_for_ages, containers))
        if now != shown:
            if shown is not None:
                app.terminal.write("")
            show(app.terminal, containers, app.client.now())
            shown = now
        wait()
        app.terminal.check_reader()


def _but_for_ages(container: Container) -> Hashable:
    # An exit code or the health stands in brackets in the engine's words.
    bracketed = container.status.partition("(")[2].partition(")")[0]
    return container.id, container.names, container.state, bracketed, container.ports


@contextmanager
def _noticed(events: Stream[Event]) -> Iterator[Callable[[], None]]:
    """What waits for the next event, or a while. events: closed by whoever opened it."""
    happened, enough = threading.Event(), threading.Event()

    def read() -> None:
        try:
            for _ in events:
                happened.set()
        except ContctlError:
            # Whatever it was, the next list meets it too, or goes on without events.
            happened.set()

    def wait() -> None:
        enough.wait(SHORTEST)
        happened.wait(LONGEST - SHORTEST)
        happened.clear()

    threading.Thread(target=read, name="events", daemon=True).start()
    try:
        yield wait
    finally:
        enough.set()
