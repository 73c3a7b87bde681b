"""Containers by the references that they were asked for with."""

from collections.abc import Sequence

from contctl.commands.app import App
from contctl.core.domain.containers import Container, ListQuery, resolve


def containers_named(app: App, refs: Sequence[str]) -> dict[str, Container]:
    """The container that each of `refs` means; ContctlError NOT_FOUND or CONFLICT for the first
    that means none, or several."""
    listed = app.api.containers.list(ListQuery(all=True, workloads=True))
    return {ref: resolve(ref, listed) for ref in refs}
