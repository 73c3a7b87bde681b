"""The containers behind a gateway."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from contctl.core.domain.containers import Container, Inspection
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contctl.backends.gateway.operations import Operations
    from contctl.core.api import Duplex, Refs, RequestId, Stream
    from contctl.core.domain.actions import Action, Outcome
    from contctl.core.domain.containers import ListQuery, Port
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.observed import Change, Processes
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        Exited,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.transfers import (
        CommitSpec,
        PathStat,
        Pruned,
        PruneQuery,
        PullOptions,
        PutOptions,
    )


class GatewayContainers:
    """Implements the inbound port `Containers` over the wire."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        return self._operations.ask("containers/list", tuple[Container, ...], query=query)

    def inspect(self, refs: Refs, size: bool = False) -> tuple[Inspection, ...]:
        return self._operations.ask(
            "containers/inspect", tuple[Inspection, ...], refs=refs, size=size
        )

    def act(self, action: Action, refs: Refs) -> Stream[Outcome]:
        from contctl.core.domain.actions import Outcome

        return self._operations.stream("containers/act", Outcome, action=action, refs=refs)

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        from contctl.backends.gateway.errors import NO_ANSWER
        from contctl.core.domain.create import Created

        try:
            return self._operations.ask("containers/create", Created, spec=spec, request=request)
        except ContctlError as error:
            if error.reason == NO_ANSWER:
                raise self._operations.transport.gateway.unknown_outcome(request) from error
            raise

    def logs(self, refs: Refs, options: LogOptions) -> Stream[Chunk]:
        from contctl.core.domain.streams import Chunk

        return self._operations.stream("containers/logs", Chunk, refs=refs, options=options)

    def stats(self, refs: Refs, *, stream: bool = True) -> Stream[Stats]:
        from contctl.core.domain.streams import Stats

        return self._operations.stream("containers/stats", Stats, refs=refs, stream=stream)

    def events(self, query: EventQuery) -> Stream[Event]:
        from contctl.core.domain.streams import Event

        return self._operations.stream("containers/events", Event, query=query)

    def wait(self, refs: Refs, until: Condition) -> Stream[Exited]:
        from contctl.core.domain.streams import Exited

        return self._operations.stream("containers/wait", Exited, refs=refs, until=until)

    def top(self, ref: str, args: tuple[str, ...]) -> Processes:
        from contctl.core.domain.observed import Processes

        return self._operations.ask("containers/top", Processes, ref=ref, args=args)

    def ports(self, ref: str) -> tuple[Port, ...]:
        from contctl.core.domain.containers import Port

        return self._operations.ask("containers/ports", tuple[Port, ...], ref=ref)

    def changes(self, ref: str) -> tuple[Change, ...]:
        from contctl.core.domain.observed import Change

        return self._operations.ask("containers/changes", tuple[Change, ...], ref=ref)

    def exec(self, ref: str, spec: ExecSpec) -> Duplex:
        return self._operations.converse("containers/exec", ref=ref, spec=spec)

    def attach(self, ref: str, spec: AttachSpec) -> Duplex:
        return self._operations.converse("containers/attach", ref=ref, spec=spec)

    def stat(self, ref: str, path: str) -> PathStat:
        from contctl.core.domain.transfers import PathStat

        return self._operations.ask("containers/stat", PathStat, ref=ref, path=path)

    def get_archive(self, ref: str, path: str) -> Stream[bytes]:
        return self._operations.stream("containers/get_archive", bytes, ref=ref, path=path)

    def put_archive(
        self, ref: str, path: str, tar: Iterable[bytes], options: PutOptions | None = None
    ) -> None:
        name = "containers/put_archive"
        self._operations.upload(name, tar, ref=ref, path=path, options=options)

    def export(self, ref: str) -> Stream[bytes]:
        return self._operations.stream("containers/export", bytes, ref=ref)

    def commit(self, ref: str, spec: CommitSpec) -> str:
        with self._unknown("the image was made", "see 'contctl images'"):
            return self._operations.ask("containers/commit", str, ref=ref, spec=spec)

    def prune(self, query: PruneQuery) -> Pruned:
        from contctl.core.domain.transfers import Pruned

        with self._unknown("containers were removed", "see 'contctl ps -a'"):
            return self._operations.ask("containers/prune", Pruned, query=query)

    def images(self, query: ImageQuery) -> tuple[Image, ...]:
        from contctl.core.domain.images import Image

        return self._operations.ask("containers/images", tuple[Image, ...], query=query)

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        from contctl.core.domain.streams import Progress

        return self._operations.stream(
            "containers/pull", Progress, image=image, auth=auth, options=options
        )

    @contextmanager
    def _unknown(self, what: str, hint: str) -> Iterator[None]:
        """Say of a change whose answer was lost that it may have been made."""
        from contctl.backends.gateway.errors import NO_ANSWER

        try:
            yield
        except ContctlError as error:
            if error.reason == NO_ANSWER:
                message = f"{error.message}; whether {what} is unknown"
                details = {"reason": "unknown-outcome"}
                raise ContctlError(error.code, message, hint=hint, details=details) from error
            raise
