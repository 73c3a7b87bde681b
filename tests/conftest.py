"""Fixtures for all tests."""

import signal

pytest_plugins = [
    "tests.real_docker",
    "tests.real_elsewhere",
    "tests.real_podman",
    "tests.real_keyring",
    "tests.real_kubernetes",
]

# A runner that was started in the background ignores what a terminal's keys send, and so would all
# its children, those that the tests send it to among them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
