"""The domain: frozen dataclasses and pure functions on the standard library alone."""
