"""Doing an action to containers, several at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from contctl.core.api import Stream
from contctl.core.domain.actions import (
    Action,
    Kill,
    Outcome,
    Pause,
    Remove,
    Rename,
    Restart,
    Start,
    Stop,
    Unpause,
    Update,
)
from contctl.core.domain.grants import Subject
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from contctl.core.services.fleet import Fleet, Job

WIDTH = 50
"""How many containers are acted on at once."""
WIDTH_OF_START = 10
"""A start loads the engine itself, so that more at once take longer."""


def subjects_of(action: Action, subject: Subject) -> tuple[Subject, ...]:
    """What one grant has to cover: the container, and what it would be renamed to."""
    if isinstance(action, Rename):
        # An engine takes the name with its leading slash too, and means the same.
        return subject, replace(subject, name=action.name.removeprefix("/"))
    return (subject,)


def begin(action: Action, known: Sequence[Outcome], jobs: Sequence[Job]) -> Stream[Outcome]:
    """The stream of `known` outcomes and of those of `jobs`, which begin now."""
    return Fleet(known, jobs, WIDTH_OF_START if isinstance(action, Start) else WIDTH)


def known_outcome(action: Action, ref: str, error: ContctlError) -> Outcome:
    """How an action on `ref` ends that could not be resolved."""
    return Outcome(ref, None, _unless_gone_is_fine(action, error))


def attempt(
    engine: Engine, action: Action, ref: str, container_id: str, still: Callable[[], None]
) -> Outcome:
    """Do `action` to the container that `ref` means, if `still` does not raise; how it ended."""
    try:
        still()
        warnings = _perform(engine, action, container_id)
    except ContctlError as error:
        return Outcome(ref, container_id, _unless_gone_is_fine(action, error))
    return Outcome(ref, container_id, warnings=warnings)


def _unless_gone_is_fine(action: Action, error: ContctlError) -> ContctlError | None:
    """A forced removal of what is not there is done already (docker rm --force)."""
    fine = isinstance(action, Remove) and action.force and error.code is ErrorCode.NOT_FOUND
    return None if fine else error


def _perform(engine: Engine, action: Action, container_id: str) -> tuple[str, ...]:
    match action:
        case Start():
            engine.start(container_id)
        case Stop(grace, signal):
            engine.stop(container_id, grace, signal)
        case Restart(grace, signal):
            engine.restart(container_id, grace, signal)
        case Kill(signal):
            engine.kill(container_id, signal)
        case Pause():
            engine.pause(container_id)
        case Unpause():
            engine.unpause(container_id)
        case Remove(force, volumes):
            engine.remove(container_id, force=force, volumes=volumes)
        case Rename(name):
            engine.rename(container_id, name)
        case Update():
            return engine.update(container_id, action)
    return ()
