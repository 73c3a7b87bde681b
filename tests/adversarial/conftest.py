"""The machines of the end-to-end tests, under attack."""

from tests.e2e.conftest import bare, machine, web

__all__ = ["bare", "machine", "web"]
