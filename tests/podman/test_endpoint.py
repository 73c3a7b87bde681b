"""Which Podman is driven."""

import socket
from pathlib import Path

import pytest

from contctl.backends.podman.endpoint import ROOTFUL, podman_endpoint
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.errors import ContctlError, ErrorCode

USUAL = EngineAddress(EngineKind.PODMAN)


def test_this_users_own_podman_comes_before_roots(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    found = podman_endpoint(USUAL, "the context pods", environ)
    assert found.address == f"unix://{ROOTFUL}"
    assert found.reason == "the context pods; the socket of root's Podman"
    own = tmp_path / "podman" / "podman.sock"
    named = podman_endpoint(EngineAddress(EngineKind.PODMAN, "unix://"), "x", environ)
    assert named.address == f"unix://{ROOTFUL}"
    own.parent.mkdir()
    own.write_text("no socket")
    assert podman_endpoint(USUAL, "x", environ).address == f"unix://{ROOTFUL}"
    own.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(own))
        found = podman_endpoint(USUAL, "the context pods", environ)
    assert found.address == f"unix://{own}"
    assert found.reason == "the context pods; the socket of this user's own Podman"


@pytest.mark.parametrize("folder", ["", "relative"])
def test_a_runtime_folder_that_is_none(folder: str) -> None:
    found = podman_endpoint(USUAL, "x", {"XDG_RUNTIME_DIR": folder})
    assert found.address == f"unix://{ROOTFUL}"


def test_a_named_one_is_used(tmp_path: Path) -> None:
    for host in (f"unix://{tmp_path}/p.sock", "ssh://core@host:2222/run/podman/podman.sock"):
        found = podman_endpoint(EngineAddress(EngineKind.PODMAN, host), "CONTAINER_HOST", {})
        assert (found.address, found.reason, found.program) == (host, "CONTAINER_HOST", "podman")


@pytest.mark.parametrize("host", ["podman.sock", "unix://p.sock", "tcp://host:1", "http://host"])
def test_what_is_no_address_or_would_be_in_the_clear(host: str) -> None:
    with pytest.raises(ContctlError) as caught:
        podman_endpoint(EngineAddress(EngineKind.PODMAN, host), "CONTAINER_HOST", {})
    assert caught.value.code is ErrorCode.STORE
