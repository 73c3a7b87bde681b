"""Waiting for several containers, each of which is tried."""

from collections.abc import Sequence
from typing import Self

from contctl.core.api import Stream
from contctl.core.domain.streams import Condition, Exited
from contctl.core.errors import ContctlError
from contctl.core.ports import Engine
from contctl.core.services.streams import merged


def begin_all(
    known: Sequence[Exited], targets: Sequence[tuple[str, str]], engine: Engine, until: Condition
) -> Stream[Exited]:
    """The stream of the answers that are `known`, and of those to waits that begin now.

    targets: references, as the caller gave them, with full IDs.
    """
    answers = list(known)
    waits: list[Stream[Exited]] = []
    for ref, container_id in targets:
        try:
            stream = engine.wait(container_id, until)
        except ContctlError as error:
            answers.append(Exited(container_id, None, ref, error))
        else:
            waits.append(_Wait(ref, container_id, stream))
    return merged([_Answers(answers), *waits] if answers else waits)


class _Answers:
    """A stream of answers that are there."""

    def __init__(self, answers: Sequence[Exited]) -> None:
        self._left = iter(answers)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Exited:
        return next(self._left)

    def close(self) -> None:
        self._left = iter(())


class _Wait:
    """A stream of the answer to one wait: a code, or the error that came instead."""

    def __init__(self, ref: str, container_id: str, codes: Stream[int]) -> None:
        self._ref = ref
        self._container_id = container_id
        self._codes = codes
        self._failed = False
        self.close = codes.close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Exited:
        if self._failed:
            raise StopIteration
        try:
            return Exited(self._container_id, next(self._codes), self._ref)
        except ContctlError as error:
            self._failed = True
            return Exited(self._container_id, None, self._ref, error)
