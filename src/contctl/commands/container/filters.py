"""The option `--filter`."""

from collections.abc import Sequence

from contctl.core.errors import ContctlError, ErrorCode


def pairs(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Filters as (key, value); USAGE for one that is not written `key=value`. Empty ones are left
    out, as docker does."""
    found = []
    for text in filter(None, given):
        key, equals, value = text.partition("=")
        if not equals:
            raise ContctlError(
                ErrorCode.USAGE, f"not a filter: {text!r}", hint="filters are written key=value"
            )
        found.append((key.strip().lower(), value.strip()))
    return tuple(found)
