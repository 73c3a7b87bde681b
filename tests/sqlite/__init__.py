"""The store in SQLite: what its contract suites do not cover."""
