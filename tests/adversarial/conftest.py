"""The machines of the end-to-end tests, under attack."""

from tests.e2e.conftest import bare, docked, evil, machine, unprivileged, web

__all__ = ["bare", "docked", "evil", "machine", "unprivileged", "web"]
