"""What every Supervision owes the services."""

from collections.abc import Callable

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Supervision

PassRound = Callable[[], None]


class Watched:
    """Something that is watched: `error` is what its checks raise from now on."""

    def __init__(self, supervision: Supervision, error: Exception | None = None) -> None:
        self.error = error
        self.checks = 0
        self.ended_by: list[ContctlError] = []
        self.stop = supervision.watch(self._check, self._end)

    def _check(self) -> None:
        self.checks += 1
        if self.error is not None:
            raise self.error

    def _end(self, error: ContctlError) -> None:
        self.ended_by.append(error)


def an_end(code: ErrorCode = ErrorCode.FORBIDDEN) -> ContctlError:
    return ContctlError(code, "no more")


class SupervisionContract:
    """A subclass gives `supervision`, and `pass_round`: wait until everything that is watched was
    checked once more, and ended if it has to be."""

    def test_what_may_go_on_is_asked_again_and_again(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        watched = Watched(supervision)
        for _ in range(3):
            before = watched.checks
            pass_round()
            assert watched.checks > before
        assert watched.ended_by == []
        watched.stop()

    @pytest.mark.parametrize("code", sorted(set(ErrorCode) - {ErrorCode.STORE}))
    def test_the_first_error_ends_it_once(
        self, supervision: Supervision, pass_round: PassRound, code: ErrorCode
    ) -> None:
        watched, other = Watched(supervision), Watched(supervision)
        pass_round()
        watched.error = an_end(code)
        pass_round()
        assert watched.ended_by == [watched.error]
        before = watched.checks
        pass_round()
        assert watched.checks == before
        assert len(watched.ended_by) == 1
        assert other.ended_by == []
        watched.stop()
        other.stop()

    def test_what_was_stopped_is_neither_checked_nor_ended(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        watched = Watched(supervision)
        pass_round()
        watched.stop()
        watched.stop()
        watched.error, before = an_end(), watched.checks
        pass_round()
        assert (watched.checks, watched.ended_by) == (before, [])

    def test_a_store_that_cannot_be_read_decides_nothing(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        watched = Watched(supervision, an_end(ErrorCode.STORE))
        pass_round()
        pass_round()
        assert watched.checks > 1
        assert watched.ended_by == []
        watched.error = an_end()
        pass_round()
        assert watched.ended_by == [watched.error]

    def test_a_bug_ends_what_it_concerns_and_nothing_else(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        odd, other = Watched(supervision, RuntimeError("a bug")), Watched(supervision)
        pass_round()
        assert [(error.code, error.reason) for error in odd.ended_by] == [(ErrorCode.FAILED, "bug")]
        before = other.checks
        pass_round()
        assert other.checks > before
        other.stop()

    def test_an_end_that_fails_holds_up_nobody(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        def check() -> None:
            raise an_end()

        def end(_: ContctlError) -> None:
            raise RuntimeError("a bug")

        for _ in range(10):
            supervision.watch(check, end)
        other = Watched(supervision)
        pass_round()
        before = other.checks
        pass_round()
        assert other.checks > before
        other.stop()

    def test_it_may_be_stopped_from_inside(
        self, supervision: Supervision, pass_round: PassRound
    ) -> None:
        calls: list[str] = []

        def check() -> None:
            calls.append("check")
            stop()
            raise an_end()

        stop = supervision.watch(check, lambda _: calls.append("end"))
        pass_round()
        pass_round()
        assert calls == ["check"]
