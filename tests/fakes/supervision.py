"""Supervision that a test's hand moves on."""

from collections.abc import Callable
from contextlib import suppress

from contctl.core.errors import ContctlError, ErrorCode

Check = Callable[[], None]
End = Callable[[ContctlError], None]


class FakeSupervision:
    """Supervision whose every round is one `tick`."""

    def __init__(self) -> None:
        self.watched: list[tuple[Check, End]] = []

    def watch(self, check: Check, end: End) -> Callable[[], None]:
        """Watch until the returned function is called."""
        pair = (check, end)
        self.watched.append(pair)

        def stop() -> None:
            with suppress(ValueError):
                self.watched.remove(pair)

        return stop

    def tick(self) -> None:
        """Check every watched stream once."""
        for pair in tuple(self.watched):
            check, end = pair
            error = _error_of(check)
            if error is not None and pair in self.watched:
                self.watched.remove(pair)
                with suppress(RuntimeError):
                    end(error)


def _error_of(check: Check) -> ContctlError | None:
    try:
        check()
    except ContctlError as error:
        return None if error.code is ErrorCode.STORE else error
    except RuntimeError:
        return ContctlError(ErrorCode.FAILED, "a bug", details={"reason": "bug"})
    return None
