"""Streams whose caller's rights have ended since."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.errors import ContctlError


class NoSupervision:
    """Supervision of embedded mode: whoever runs the process could go on without it."""

    def watch(
        self,
        check: Callable[[], None],  # noqa: ARG002
        end: Callable[[ContctlError], None],  # noqa: ARG002
    ) -> Callable[[], None]:
        """Nothing is ever ended."""
        return lambda: None
