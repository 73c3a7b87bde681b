"""What the arguments of commands name: containers in some state, contexts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from contctl.commands.app import App
from contctl.commands.completion.line import Place

UP = frozenset({"running", "paused", "restarting"})
RUNNING = frozenset({"running"})
PAUSED = frozenset({"paused"})
DOWN = frozenset({"created", "exited", "dead"})
_STATES = UP | DOWN | {"removing"}
_NO_END = 10**6


class Containers(NamedTuple):
    """Containers in one of `states`, as the first `most` arguments.

    flags: options with which they are those in `otherwise` instead.
    """

    states: frozenset[str] = _STATES
    most: int = _NO_END
    flags: frozenset[str] = frozenset()
    otherwise: frozenset[str] = _STATES


_FORCE = frozenset({"-f", "--force"})
_FOLLOW = frozenset({"-f", "--follow", "-F"})
CONTAINERS = {
    "attach": Containers(RUNNING, 1),
    "commit": Containers(most=1),
    "diff": Containers(most=1),
    "exec": Containers(RUNNING, 1),
    "export": Containers(most=1),
    "inspect": Containers(),
    "kill": Containers(UP),
    "logs": Containers(flags=_FOLLOW, otherwise=UP),
    "pause": Containers(RUNNING),
    "port": Containers(UP, 1),
    "rename": Containers(most=1),
    "restart": Containers(),
    "rm": Containers(DOWN, flags=_FORCE),
    "start": Containers(DOWN),
    "stats": Containers(UP),
    "stop": Containers(UP),
    "top": Containers(UP, 1),
    "unpause": Containers(PAUSED),
    "update": Containers(),
    "wait": Containers(UP),
}
"""By the command's name."""
_CONTEXTS = {"context.inspect": _NO_END, "context.rm": _NO_END, "context.use": 1}
"""How many contexts these take, by the command's module."""
_GROUP = "container."


def names_at(app: App, place: Place) -> Iterable[str]:
    """What the next argument of a command may name, out of one call of the API; ContctlError as
    that raises."""
    module = place.entry.module if place.entry else ""
    if len(place.given) < _CONTEXTS.get(module, 0):
        return contexts(app)
    wanted = CONTAINERS.get(module.removeprefix(_GROUP))
    if wanted is None or not module.startswith(_GROUP) or len(place.given) >= wanted.most:
        return ()
    from contctl.core.domain.containers import ListQuery

    states = wanted.otherwise if wanted.flags & place.flags else wanted.states
    listed = app.api.containers.list(ListQuery(all=True))
    return (each.name for each in listed if each.state in states)


def contexts(app: App) -> Iterable[str]:
    """The names of the contexts."""
    return (context.name for context in app.client.contexts.list(app.options.context))
