"""The network bridges of private engines. Needs root and the program `ip`."""

import subprocess


def add(name: str, address: str) -> None:
    """Add a bridge. address: its own, a slash and the length of the network's prefix.

    RuntimeError where it cannot be added.
    """
    for arguments in (
        ["link", "add", "name", name, "type", "bridge"],
        ["address", "add", address, "dev", name],
        ["link", "set", name, "up"],
    ):
        done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def remove(name: str) -> None:
    """Remove a bridge, if there is one of that name."""
    subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)
