"""What the use cases on containers share: who may, on which one, recorded.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError
from contctl.core.services.caller import Deed
from contctl.core.services.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contctl.core.api import Duplex, Stream
    from contctl.core.domain.containers import Container
    from contctl.core.ports import Engine
    from contctl.core.services.caller import Caller
    from contctl.core.services.record import Recorder
    from contctl.core.services.shared import Shared
    from contctl.core.services.standing import Standing

T = TypeVar("T")
NEEDS_PRIVILEGES = f"needs {Permission.CREATE_PRIVILEGED}"


class ContainerUse:
    """One caller on one engine."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._access = shared.engine_access

    @property
    def _engine(self) -> Engine:
        return self._shared.ports.engine

    @property
    def _recorder(self) -> Recorder:
        return self._shared.recorder

    def _reach(self, caller: Caller) -> Reach:
        return Reach(caller, self._engine)

    def _allowed(
        self, caller: Caller, permission: Permission, refs: Sequence[str]
    ) -> tuple[Container, ...]:
        """The containers that `refs` mean, on each of which the caller has `permission`."""
        reach = self._reach(caller)
        containers = []
        for _, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                raise found
            self._check(reach, caller, permission, found)
            containers.append(found)
        return tuple(containers)

    def _check(
        self, reach: Reach, caller: Caller, permission: Permission, container: Container
    ) -> None:
        """FORBIDDEN, recorded, unless the caller has `permission` on `container`."""
        refusal = reach.refusal(permission, reach.subject(container))
        if refusal is not None:
            self._access.denied(caller, deed_on(permission, container))
            raise refusal

    def _entered(self, caller: Caller, permission: Permission, ref: str) -> Container:
        """What is entered of the container that `ref` means, as `Reach.entered`; from here on it is
        this that is decided about, recorded and entered. The caller has `permission` on it."""
        (found,) = self._allowed(caller, permission, [ref])
        reach = self._reach(caller)
        entered = reach.entered(found)
        self._check(reach, caller, permission, entered)
        return entered

    def _inside(self, caller: Caller, permission: Permission, ref: str) -> Container:
        """As `_entered`; the caller may use its inside in spite of the dangers that it carries."""
        from contctl.core.services.danger import refusal_inside

        container = self._entered(caller, permission, ref)
        refusal = refusal_inside(self._reach(caller), container, self._shared.ports)
        if refusal is not None:
            self._access.denied(caller, deed_on(permission, container, NEEDS_PRIVILEGES))
            raise refusal
        return container

    def _standing(
        self, caller: Caller, permission: Permission, containers: Sequence[Container]
    ) -> Standing:
        """What lets the caller have a stream of `containers`: `permission` on each, as they were
        when it was opened."""
        from contctl.core.services.standing import Standing

        def refusal(now: Caller) -> ContctlError | None:
            reach = self._reach(now)
            each = (reach.refusal(permission, reach.subject(found)) for found in containers)
            return next(filter(None, each), None)

        return Standing(self._shared.ports, caller, refusal)

    def _duplex(self, standing: Standing, deed: Deed, begin: Callable[[], Duplex]) -> Duplex:
        from contctl.core.services.streams import RecordedDuplex

        duplex, ended = self._begin(standing, deed, begin)
        return RecordedDuplex(standing.duplex(duplex), ended)

    def _stream(self, standing: Standing, deed: Deed, begin: Callable[[], Stream[T]]) -> Stream[T]:
        from contctl.core.services.streams import RecordedStream

        stream, ended = self._begin(standing, deed, begin)
        return RecordedStream(standing.stream(stream), ended)

    def _begin(
        self, standing: Standing, deed: Deed, begin: Callable[[], T]
    ) -> tuple[T, Callable[[ContctlError | None], None]]:
        """Record the intent and begin; what began, and the function to tell its end to."""
        caller = standing.caller
        intent = self._recorder.intent(caller, deed)

        def ended(error: ContctlError | None) -> None:
            self._recorder.outcome(caller, deed, intent, error or standing.ended_by)

        try:
            return begin(), ended
        except ContctlError as error:
            ended(error)
            raise


def deed_on(permission: Permission, container: Container, detail: str = "") -> Deed:
    return Deed(permission, container.id, container.name, detail)


def open_all(containers: Sequence[Container], begin: Callable[[str], Stream[T]]) -> Stream[T]:
    from contctl.core.services.streams import merged

    streams: list[Stream[T]] = []
    try:
        for container in containers:
            streams.append(begin(container.id))
    except ContctlError:
        for stream in streams:
            stream.close()
        raise
    return merged(streams)
