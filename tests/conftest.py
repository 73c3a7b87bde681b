"""Fixtures for all tests."""

pytest_plugins = ["tests.real_docker", "tests.real_keyring"]
