"""What is asked over plain HTTP is what the docker SDK hears of the same engine."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from docker import APIClient
from docker.errors import APIError
from docker.utils import parse_repository_tag

from contctl.backends.docker.engine import DockerEngine
from contctl.backends.docker.pull import split_reference
from contctl.core.domain.containers import Container, ListQuery, Port
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import AttachSpec, Condition, LogOptions
from contctl.core.errors import ContctlError
from devtools.engine import PrivateEngine
from tests.bounded import read_until, talk
from tests.contracts.engine_basics import ABSENT, IDLE, IMAGE, unique

pytestmark = pytest.mark.docker


@pytest.fixture
def sdk(docker_engine: PrivateEngine) -> Iterator[APIClient]:
    client = APIClient(base_url=docker_engine.host, timeout=20)
    yield client
    client.close()


@pytest.fixture
def made(sdk: APIClient) -> Iterator[Callable[..., str]]:
    """Makes containers with the SDK, with what contctl's own create does not offer."""
    ids: list[str] = []

    def create(*command: str, tty: bool = False, **host: object) -> str:
        answer = sdk.create_container(
            IMAGE,
            list(command),
            name=unique("sdk"),
            tty=tty,
            stdin_open=tty,
            ports=[80],
            host_config=sdk.create_host_config(**host),  # type: ignore[arg-type]
        )
        ids.append(answer["Id"])
        return str(answer["Id"])

    yield create
    for container_id in reversed(ids):
        with suppress(APIError):
            sdk.remove_container(container_id, force=True, v=True)


def _row(engine: DockerEngine, container_id: str) -> Container:
    return next(row for row in engine.list(ListQuery(all=True)) if row.id == container_id)


def test_listings_agree(
    sdk: APIClient, docker_backend: DockerEngine, made: Callable[..., str]
) -> None:
    volume = unique("volume")
    database = made(*IDLE)
    sdk.start(database)
    name = str(sdk.inspect_container(database)["Name"]).lstrip("/")
    linked = made(
        *IDLE,
        links={name: "db"},
        port_bindings={80: None},
        binds=[f"{volume}:/data", "/tmp:/host:ro"],
    )
    sdk.start(linked)
    theirs = sdk.containers(all=True, size=True)
    ours = docker_backend.list(ListQuery(all=True, size=True))
    assert [row.id for row in ours] == [row["Id"] for row in theirs]
    for row, other in zip(ours, theirs, strict=True):
        assert sorted(f"/{name}" for name in row.names) == sorted(other["Names"])
        assert (row.image, row.image_id) == (other["Image"], other["ImageID"])
        assert (row.command, row.created) == (other["Command"], other["Created"])
        assert (row.state, dict(row.labels)) == (other["State"], other["Labels"])
        assert len(row.ports) == len(other["Ports"])
        assert row.size == other.get("SizeRw", 0)
        assert row.virtual_size == other.get("SizeRootFs", 0)
    row = _row(docker_backend, linked)
    assert {port.host_ip for port in row.ports} <= {"0.0.0.0", "::"}
    assert all(port.container_port == 80 and port.host_port for port in row.ports)
    assert set(row.mounts) == {volume, "/tmp"}
    assert row.local_volumes == 1
    target = _row(docker_backend, database)
    assert target.names[0] == name
    assert any(link.endswith("/db") for link in target.names[1:])
    sdk.remove_container(linked, force=True)
    sdk.remove_volume(volume)


def test_inspections_agree(
    sdk: APIClient, docker_backend: DockerEngine, made: Callable[..., str]
) -> None:
    container = made(*IDLE)
    assert docker_backend.inspect(container) == sdk.inspect_container(container)


_REFUSED: dict[
    str, tuple[Callable[[DockerEngine, str], object], Callable[[APIClient, str], object]]
] = {
    "kill": (lambda ours, one: ours.kill(one, "KILL"), lambda sdk, one: sdk.kill(one)),
    "pause": (lambda ours, one: ours.pause(one), lambda sdk, one: sdk.pause(one)),
    "signal": (lambda ours, one: ours.kill(one, "XX"), lambda sdk, one: sdk.kill(one, "XX")),
    "name": (lambda ours, one: ours.rename(one, "a b"), lambda sdk, one: sdk.rename(one, "a b")),
    "absent": (
        lambda ours, _: ours.inspect(ABSENT),
        lambda sdk, _: sdk.inspect_container(ABSENT),
    ),
    "image": (
        lambda ours, _: ours.create(CreateSpec("no/such:image"), "r"),
        lambda sdk, _: sdk.create_container("no/such:image"),
    ),
}


@pytest.mark.parametrize("case", _REFUSED)
def test_errors_agree(
    sdk: APIClient, docker_backend: DockerEngine, made: Callable[..., str], case: str
) -> None:
    container = made(*IDLE)
    ours, theirs = _REFUSED[case]
    with pytest.raises(ContctlError) as caught:
        ours(docker_backend, container)
    with pytest.raises(APIError) as other:
        theirs(sdk, container)
    assert caught.value.message.lower() == str(other.value.explanation).lower().rstrip(".")


def test_logs_agree(sdk: APIClient, docker_backend: DockerEngine, made: Callable[..., str]) -> None:
    container = made("sh", "-c", "seq 1 20000; echo end >&2")
    sdk.start(container)
    sdk.wait(container, timeout=60)
    ours = [chunk.output.data for chunk in docker_backend.logs(container, LogOptions())]
    assert b"".join(ours) == sdk.logs(container)


def test_a_terminals_output_is_not_multiplexed(
    docker_backend: DockerEngine, made: Callable[..., str]
) -> None:
    container = made("sh", "-c", "read line; stty size; echo got $line; echo e >&2", tty=True)
    duplex = docker_backend.attach(container, AttachSpec(stdin=True, until=Condition.NEXT_EXIT))
    docker_backend.start(container)
    duplex.resize(91, 17)
    duplex.write(b"it\n")
    assert b"17 91" in read_until(duplex, b"got it")
    assert talk(duplex)[2] == 0
    log = b"".join(chunk.output.data for chunk in docker_backend.logs(container, LogOptions()))
    assert log.endswith(b"got it\r\ne\r\n")


def test_a_log_driver_that_cannot_be_read_is_unsupported(
    docker_backend: DockerEngine, sdk: APIClient, made: Callable[..., str]
) -> None:
    container = made("true", log_config={"Type": "none", "Config": {}})
    sdk.start(container)
    with pytest.raises(ContctlError) as caught:
        list(docker_backend.logs(container, LogOptions()))
    assert caught.value.code == "unsupported"


def test_published_ports(docker_backend: DockerEngine) -> None:
    ports = (Port(80, "tcp", "127.0.0.1"), Port(53, "udp", "127.0.0.1"))
    spec = CreateSpec(IMAGE, IDLE, name=unique("ports"), ports=ports)
    container = docker_backend.create(spec, "r").id
    try:
        docker_backend.start(container)
        row = _row(docker_backend, container)
    finally:
        docker_backend.remove(container, force=True, volumes=True)
    assert {(port.container_port, port.protocol, port.host_ip) for port in row.ports} == {
        (80, "tcp", "127.0.0.1"),
        (53, "udp", "127.0.0.1"),
    }
    assert all(port.host_port for port in row.ports)
    assert row.networks == ("bridge",)


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "busybox:1",
        "team/app",
        "host:5000/app",
        "host:5000/team/app:v1",
        "app@sha256:" + "0" * 64,
        "host:5000/app@sha256:" + "0" * 64,
    ],
)
def test_references_are_split_alike(image: str) -> None:
    repository, tag = parse_repository_tag(image)
    assert split_reference(image) == (repository, tag or "latest")
