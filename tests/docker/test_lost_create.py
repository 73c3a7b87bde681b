"""A create whose answer is lost is found by its label, reported as unknown, and never repeated."""

import uuid
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Deadlines, Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import REQUEST_LABEL, ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.errors import ContctlError, ErrorCode
from devtools.engine import PrivateEngine
from tests.fakes.broken_engines import LossyProxy
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.docker

SPEC = CreateSpec("busybox:latest", ("true",), network="none")


def _through(proxy: LossyProxy) -> DockerEngine:
    deadlines = Deadlines(connect=2, answer=5, change=5)
    return DockerEngine(Endpoint(proxy.address, "a test"), FakeClock(), deadlines)


def _made(engine: DockerEngine, request: str) -> list[str]:
    filters = (("label", f"{REQUEST_LABEL}={request}"),)
    return [row.id for row in engine.list(ListQuery(all=True, filters=filters))]


def test_a_lost_answer_is_made_up_for(
    tmp_path: Path, docker_engine: PrivateEngine, docker_backend: DockerEngine
) -> None:
    request = uuid.uuid4().hex
    with LossyProxy(tmp_path, docker_engine.host, b"/containers/create") as proxy:
        created = _through(proxy).create(SPEC, request)
    assert proxy.lost == 1
    assert _made(docker_backend, request) == [created.id]
    docker_backend.remove(created.id, force=True, volumes=True)


def test_a_lost_request_made_nothing(
    tmp_path: Path, docker_engine: PrivateEngine, docker_backend: DockerEngine
) -> None:
    request = uuid.uuid4().hex
    target = docker_engine.host
    with (
        LossyProxy(tmp_path, target, b"/containers/create", swallow=True) as proxy,
        pytest.raises(ContctlError) as caught,
    ):
        _through(proxy).create(SPEC, request)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert caught.value.reason is None
    assert "no container was made" in caught.value.message
    assert proxy.lost == 1
    assert _made(docker_backend, request) == []


def test_what_cannot_be_found_out_is_unknown(
    tmp_path: Path, docker_engine: PrivateEngine, docker_backend: DockerEngine
) -> None:
    request = uuid.uuid4().hex
    target = docker_engine.host
    with (
        LossyProxy(tmp_path, target, b"/containers/create", then_down=True) as proxy,
        pytest.raises(ContctlError) as caught,
    ):
        _through(proxy).create(SPEC, request)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert caught.value.reason == "unknown-outcome"
    assert caught.value.details["request"] == request
    assert f"contctl ps -a --filter label=contctl.request={request}" in (caught.value.hint or "")
    assert proxy.lost == 1
    (made,) = _made(docker_backend, request)
    docker_backend.remove(made, force=True, volumes=True)
