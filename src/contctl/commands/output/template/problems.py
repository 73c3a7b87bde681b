"""What is wrong with a template, or with what it does to its data."""

from collections.abc import Iterator
from contextlib import contextmanager

from contctl.core.errors import ContctlError, ErrorCode

_LONGEST = 80


class Problem(Exception):
    """Why a part of a template cannot be shown; the part is named where it is caught."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def named(problem: Problem, part: str) -> ContctlError:
    """The usage error of `problem` in `part`, a piece of the template's source."""
    shown = part if len(part) <= _LONGEST else f"{part[: _LONGEST - 1]}…"
    message = f"the template part {shown} cannot be shown: {problem.why}"
    return ContctlError(ErrorCode.USAGE, message, hint=problem.hint)


@contextmanager
def naming(part: str) -> Iterator[None]:
    """A Problem in it becomes the usage error that names `part`."""
    try:
        yield
    except Problem as problem:
        raise named(problem, part) from None
