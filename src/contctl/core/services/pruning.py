"""Removing containers that have stopped: which ones, and what came of it."""

from collections.abc import Sequence

from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.roles import Permission
from contctl.core.domain.transfers import STOPPED, Pruned, PruneQuery, to_prune
from contctl.core.errors import ErrorCode
from contctl.core.services.actions import WIDTH
from contctl.core.services.fleet import Fleet, Job
from contctl.core.services.reach import Reach

_MEANWHILE = (ErrorCode.CONFLICT, ErrorCode.NOT_FOUND)
"""How it ends for one that somebody has started or removed."""


def stopped(reach: Reach, query: PruneQuery) -> tuple[Container, ...]:
    """The containers that `query` asks for and that may be removed, with their sizes, the newest
    first."""
    states = tuple(("status", state) for state in STOPPED)
    listed = reach.containers(ListQuery(all=True, size=True, filters=states))
    return tuple(
        each for each in listed if to_prune(each, query) and reach.may(Permission.PRUNE, each)
    )


def pruned(containers: Sequence[Container], jobs: Sequence[Job]) -> Pruned:
    """Do `jobs`, each the removal of one of `containers` by its full ID; what came of them."""
    ended = {outcome.ref: outcome.error for outcome in Fleet([], jobs, WIDTH)}
    removed = [container for container in containers if ended[container.id] is None]
    errors = [error for error in ended.values() if error and error.code not in _MEANWHILE]
    return Pruned(
        ids=tuple(container.id for container in removed),
        reclaimed=sum(container.size or 0 for container in removed),
        errors=tuple(errors),
    )
