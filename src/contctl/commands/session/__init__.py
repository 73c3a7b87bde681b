"""The caller's own session."""
