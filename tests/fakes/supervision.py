"""Supervision that a test's hand moves on."""

from collections.abc import Callable
from contextlib import suppress

from contctl.core.errors import ContctlError

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
            try:
                check()
            except ContctlError as error:
                with suppress(ValueError):
                    self.watched.remove(pair)
                end(error)
