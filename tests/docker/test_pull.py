"""Pulls from a private registry, and from none."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import Progress
from contctl.core.errors import ContctlError, ErrorCode
from devtools.registry import PrivateRegistry
from tests.fakes.broken_engines import BrokenEngine, saying
from tests.fakes.clock import FakeClock


@pytest.mark.docker
def test_progress_of_a_pull(docker_backend: DockerEngine, pushed_image: Callable[[], str]) -> None:
    image = pushed_image()
    lines = list(docker_backend.pull(image, None))
    assert lines[0].status.startswith("Pulling from")
    assert any(line.status.startswith("Digest: sha256:") for line in lines)
    assert lines[-1].status.endswith(f"{image}:latest")
    made = docker_backend.create(CreateSpec(image), "r").id
    docker_backend.remove(made, force=True, volumes=True)


@pytest.mark.docker
@pytest.mark.parametrize("reference", ["nosuch", "nosuch:tag"])
def test_an_image_that_the_registry_has_not(
    docker_backend: DockerEngine, docker_registry: PrivateRegistry, reference: str
) -> None:
    with pytest.raises(ContctlError) as caught:
        list(docker_backend.pull(f"{docker_registry.name}/{reference}", None))
    assert (caught.value.code, caught.value.reason) == (ErrorCode.NOT_FOUND, "no-image")


@pytest.mark.docker
def test_a_registry_that_is_not_there(docker_backend: DockerEngine) -> None:
    with pytest.raises(ContctlError) as caught:
        list(docker_backend.pull("127.0.0.1:1/app", None))
    assert caught.value.code is ErrorCode.FAILED
    assert "connection refused" in caught.value.message


@pytest.mark.docker
@pytest.mark.parametrize("image", ["", "UPPER/case", "a b", "x:y:z", "a@b"])
def test_what_names_no_image_is_refused(docker_backend: DockerEngine, image: str) -> None:
    with pytest.raises(ContctlError) as caught:
        list(docker_backend.pull(image, None))
    assert caught.value.code in (ErrorCode.USAGE, ErrorCode.FAILED, ErrorCode.NOT_FOUND)


def _pulled(tmp_path: Path, *lines: object) -> tuple[list[Progress], ContctlError | None]:
    content = b"".join(json.dumps(line).encode() + b"\r\n" for line in lines)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
    progress: list[Progress] = []
    with BrokenEngine(tmp_path, saying(head + content)) as server:
        engine = DockerEngine(Endpoint(server.address, "a test"), FakeClock())
        try:
            progress.extend(engine.pull("app", Secret('{"username": "me"}')))
        except ContctlError as error:
            return progress, error
    return progress, None


def test_an_error_after_the_beginning(tmp_path: Path) -> None:
    denied = {"errorDetail": {"message": "denied"}, "error": "denied"}
    _, error = _pulled(tmp_path, {"status": "Pulling"}, denied)
    assert error is not None
    assert (error.code, error.message) == (ErrorCode.FAILED, "denied")
    (tmp_path / "second").mkdir()
    _, error = _pulled(tmp_path / "second", {"error": "manifest unknown: x"})
    assert error is not None
    assert error.reason == "no-image"


def test_closing_ends_a_pull_that_stands_still(tmp_path: Path) -> None:
    import threading

    def stand_still(connection: object) -> None:
        connection.recv(65536)  # type: ignore[attr-defined]
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)  # type: ignore[attr-defined]
        time.sleep(10)

    with BrokenEngine(tmp_path, stand_still) as server:
        stream = DockerEngine(Endpoint(server.address, "a test"), FakeClock()).pull("app", None)
        started = time.monotonic()
        threading.Timer(0.2, stream.close).start()
        assert list(stream) == []
        assert time.monotonic() - started < 3
