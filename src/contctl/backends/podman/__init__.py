"""Podman, through its Docker-compatible API: the Docker adapter, and what Podman does otherwise."""
