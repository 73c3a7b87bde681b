"""What carries dangers on a real Podman is seen, although Podman does not tell all of it."""

from collections.abc import Iterator

import pytest

from contctl.backends.podman.disclosing import LABEL
from contctl.backends.podman.engine import PodmanEngine
from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.field_rules import Host
from contctl.core.domain.mounts import Mount, Storage
from contctl.core.domain.networking import Networking
from contctl.core.domain.privileges import Device, DeviceRequest, Privileges
from contctl.core.domain.resources import Resources, RestartPolicy
from contctl.core.domain.risk import dangers_of_container, volumes_of
from contctl.core.errors import ContctlError, ErrorCode
from devtools import images
from devtools.podman import PrivatePodman
from tests.contracts.engine_basics import IDLE, IMAGE, Workshop, unique
from tests.docker.raw import RawEngine

pytestmark = pytest.mark.docker

HARMLESS = (
    CreateSpec(IMAGE, IDLE),
    CreateSpec(
        IMAGE,
        IDLE,
        env=("A=1",),
        labels={"a": "b"},
        user="0",
        workdir="/tmp",
        hostname="host",
        tty=True,
        stdin=True,
        stop_signal="INT",
        stop_timeout=3,
        ports=(Port(80, "tcp", "127.0.0.1", 18080),),
        resources=Resources(memory=1 << 27, cpu_shares=512, pids_limit=100),
        restart=RestartPolicy("on-failure", 2),
        networking=Networking(dns=("10.0.0.1",), hosts=("a:10.0.0.1",)),
        storage=Storage(
            volumes=("/data",),
            binds=("plain-volume:/v",),
            tmpfs={"/run": "size=1m"},
            read_only=True,
        ),
        privileges=Privileges(add=("CHOWN",), drop=("ALL",), security=("no-new-privileges",)),
    ),
)

DANGEROUS = {
    "privileged mode": Privileges(privileged=True),
    "added capability": Privileges(add=("SYS_ADMIN",)),
    "security option seccomp": Privileges(security=("seccomp=unconfined",)),
    "sysctl": Privileges(sysctls={"net.ipv4.ip_forward": "1"}),
    "devices": Privileges(devices=(Device("/dev/null", "/dev/x"),)),
    "device cgroup rules": Privileges(device_rules=("c 1:3 rwm",)),
    "cgroup parent": Privileges(cgroup_parent="/other"),
    "PID namespace": Privileges(pid="host"),
    "IPC namespace host": Privileges(ipc="host"),
    "UTS namespace": Privileges(uts="host"),
    "user namespace": Privileges(userns="host"),
}


@pytest.fixture
def workshop(podman_backend: PodmanEngine) -> Iterator[Workshop]:
    workshop = Workshop(podman_backend)
    yield workshop
    workshop.clear()


@pytest.fixture
def raw(podman_service: PrivatePodman) -> Iterator[RawEngine]:
    raw = RawEngine(podman_service.host)
    yield raw
    raw.clear()


def dangers(engine: PodmanEngine, container_id: str) -> tuple[str, ...]:
    inspected = engine.inspect(container_id)
    volumes = {name: engine.volume(name) for name in volumes_of(inspected)}
    return dangers_of_container(inspected, Host(engine.defaults(), volumes=volumes))


def test_harmless_ones(podman_backend: PodmanEngine, workshop: Workshop) -> None:
    for spec in HARMLESS:
        made = workshop.keep(podman_backend.create(spec, "r").id)
        assert dangers(podman_backend, made) == ()
        podman_backend.start(made)
        assert dangers(podman_backend, made) == ()


def test_each_danger_that_was_asked_for(podman_backend: PodmanEngine, workshop: Workshop) -> None:
    for danger, privileges in DANGEROUS.items():
        made = workshop.keep(
            podman_backend.create(CreateSpec(IMAGE, IDLE, privileges=privileges), "r").id
        )
        found = dangers(podman_backend, made)
        assert [each for each in found if each.startswith(danger)], (danger, found)
    other = workshop.create(*IDLE)
    for danger, spec in {
        "network host": CreateSpec(IMAGE, IDLE, network="host"),
        "network container:": CreateSpec(IMAGE, IDLE, network=f"container:{other}"),
        "bind mount of /etc": CreateSpec(IMAGE, IDLE, storage=Storage(binds=("/etc:/x:ro",))),
        "bind mount of /usr": CreateSpec(
            IMAGE, IDLE, storage=Storage(mounts=(Mount("bind", "/x", "/usr", read_only=True),))
        ),
        "volumes of": CreateSpec(IMAGE, IDLE, storage=Storage(volumes_from=(other,))),
        "host port": CreateSpec(IMAGE, IDLE, ports=(Port(80, "tcp", "127.0.0.1", 80),)),
        "real-time": CreateSpec(IMAGE, IDLE, resources=Resources(cpu_realtime_runtime=1000)),
    }.items():
        found = dangers(podman_backend, workshop.keep(podman_backend.create(spec, "r").id))
        assert [each for each in found if each.startswith(danger)], (danger, found)


def test_what_others_made_is_not_known_to_be_harmless(
    podman_service: PrivatePodman, podman_backend: PodmanEngine, raw: RawEngine
) -> None:
    unknown = "IPC namespace unknown"
    plain = raw.container({}, running=False)
    assert unknown in dangers(podman_backend, plain)
    labelled = unique("labelled")
    images.import_image(podman_service.host, f"{labelled}:latest", f'LABEL {LABEL}="{{}}"')
    for config in ({"Labels": {LABEL: "x"}}, {"Image": labelled}, {"Labels": {LABEL: "[1]"}}):
        assert unknown in dangers(podman_backend, raw.container({}, running=False, **config))
    privileged: Json = {"Privileged": True}
    assert "privileged mode" in dangers(podman_backend, raw.container(privileged, running=False))


@pytest.mark.parametrize(
    "privileges",
    [
        Privileges(device_requests=(DeviceRequest(count=-1, capabilities=(("gpu",),)),)),
        Privileges(runtime="crun"),
        Privileges(unconfined_paths=True),
    ],
)
def test_what_podman_would_leave_out_in_silence_is_refused(
    podman_backend: PodmanEngine, privileges: Privileges
) -> None:
    with pytest.raises(ContctlError) as caught:
        podman_backend.create(CreateSpec(IMAGE, IDLE, privileges=privileges), "r")
    assert caught.value.code is ErrorCode.UNSUPPORTED
