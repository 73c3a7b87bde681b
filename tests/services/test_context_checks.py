"""The other contexts' answers: all asked side by side, none waited for too long."""

import threading
import time

import pytest

from contctl.core.answers import Check, Level
from contctl.core.domain.contexts import Kind, ListedContext
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.context_checks import context_checks
from tests.fakes.contexts import FakeContextProbe


def test_who_does_not_answer_holds_nobody_up() -> None:
    probe = FakeContextProbe()
    down = ContctlError(ErrorCode.UNAVAILABLE, "down", hint="up")
    probe.answers = {"a": None, "b": down, **dict.fromkeys(("c", "d"), "Docker 28")}
    began = time.monotonic()
    checks = context_checks(probe, seconds=0.5)
    assert time.monotonic() - began < 5
    assert checks == (
        Check("context a", Level.NOTE, "docker at unix:///a: no answer within 0.5 s"),
        Check("context b", Level.NOTE, "down", "up"),
        Check("context c", Level.OK, "Docker 28"),
        Check("context d", Level.OK, "Docker 28"),
    )


def test_all_are_asked_at_the_same_time() -> None:
    """Each answers only once all are being asked."""
    together = threading.Barrier(20, timeout=20)

    class Probe(FakeContextProbe):
        def ask(self, context: ListedContext) -> str:
            together.wait()
            return context.name

    probe = Probe()
    probe.answers = dict.fromkeys(map(str, range(20)), "")
    assert {check.level for check in context_checks(probe)} == {Level.OK}


def test_none_and_damaged_ones() -> None:
    assert context_checks(FakeContextProbe()) == ()

    class Probe(FakeContextProbe):
        def others(self) -> tuple[ListedContext, ...]:
            return (ListedContext("x", Kind.DOCKER, None, problem="it names no docker engine"),)

    assert context_checks(Probe()) == (Check("context x", Level.NOTE, "it names no docker engine"),)


def test_a_bug_is_no_answer() -> None:
    class Probe(FakeContextProbe):
        def ask(self, context: ListedContext) -> str:
            raise ZeroDivisionError(context.name)

    probe = Probe()
    probe.answers = {"a": "", "b": ""}
    with pytest.raises(ZeroDivisionError):
        context_checks(probe)
