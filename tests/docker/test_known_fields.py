"""The model of dangers knows every field that a real engine answers with."""

from collections.abc import Iterator
from typing import Any

import pytest

from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import Json
from contctl.core.domain.field_rules import Host
from contctl.core.domain.risk import dangers_of_container, volumes_of
from devtools.engine import PrivateEngine
from devtools.http_unix import request_json
from tests.contracts.engine_basics import unique
from tests.docker.raw import RawEngine

pytestmark = pytest.mark.docker

STATE = {
    "Id", "Created", "Path", "Args", "State", "Image", "ResolvConfPath", "HostnamePath",
    "HostsPath", "LogPath", "Name", "RestartCount", "Driver", "Platform", "ImageManifestDescriptor",
    "MountLabel", "ProcessLabel", "AppArmorProfile", "ExecIDs", "GraphDriver", "Storage", "SizeRw",
    "SizeRootFs",
}  # fmt: skip
"""What an inspection tells at the top beside what was asked for at the create: it carries no
danger. An engine with another part there needs somebody to decide about it."""

EXAMINED = {"Config", "HostConfig", "Mounts", "NetworkSettings"}

HARMLESS: list[dict[str, Any]] = [
    {},
    {
        "host_config": {
            "Memory": 1 << 27,
            "MemoryReservation": 1 << 26,
            "CpuShares": 512,
            "PidsLimit": 100,
            "CapDrop": ["ALL"],
            "CapAdd": ["CHOWN"],
            "SecurityOpt": ["no-new-privileges"],
            "Dns": ["10.0.0.1"],
            "DnsSearch": ["example"],
            "DnsOptions": ["ndots:1"],
            "ExtraHosts": ["a:10.0.0.1"],
            "GroupAdd": ["1000"],
            "Tmpfs": {"/run": "size=1m"},
            "Mounts": [
                {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 9999, "Mode": 448}},
                {"Type": "volume", "Target": "/v", "VolumeOptions": {"Labels": {"a": "b"}}},
            ],
            "Ulimits": [{"Name": "nofile", "Soft": 64, "Hard": 64}],
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
            "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "0"}]},
            "ReadonlyRootfs": True,
            "Init": False,
            "OomScoreAdj": 10,
            "ShmSize": 1 << 20,
            "IpcMode": "shareable",
        },
        "Hostname": "host",
        "Domainname": "example",
        "User": "0",
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "ExposedPorts": {"80/tcp": {}, "81/udp": {}},
        "Env": ["A=1"],
        "Labels": {"a": "b"},
        "Volumes": {"/data": {}},
        "WorkingDir": "/tmp",
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 10**9, "Retries": 2},
        "StopSignal": "INT",
        "StopTimeout": 3,
        "Shell": ["sh", "-c"],
        "Entrypoint": ["sleep"],
        "Cmd": ["600"],
        "MacAddress": "02:42:ac:11:00:99",
    },
]

DANGEROUS: Json = {
    "Privileged": True,
    "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x"}],
    "DeviceCgroupRules": ["c 1:3 rwm"],
    "DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}],
    "CapAdd": ["SYS_ADMIN"],
    "SecurityOpt": ["seccomp=unconfined"],
    "Sysctls": {"net.ipv4.ip_forward": "1"},
    "CgroupParent": "/other",
    "PidMode": "host",
    "IpcMode": "host",
    "UTSMode": "host",
    "UsernsMode": "host",
    "NetworkMode": "host",
    "Binds": ["/etc:/etc-of-host:ro"],
    "MaskedPaths": [],
    "ReadonlyPaths": [],
    "OomScoreAdj": -5,
    "OomKillDisable": True,
    "LogConfig": {"Type": "syslog", "Config": {}},
    "Runtime": "io.containerd.runtime.v1.linux",
}


@pytest.fixture
def raw(docker_engine: PrivateEngine) -> Iterator[RawEngine]:
    raw = RawEngine(docker_engine.host)
    yield raw
    raw.clear()


def dangers(engine: DockerEngine, container_id: str, admits: bool = False) -> tuple[str, ...]:
    inspected = engine.inspect(container_id)
    assert set(inspected) <= STATE | EXAMINED
    volumes = {name: engine.volume(name) for name in volumes_of(inspected)}
    host = Host(engine.defaults(), volumes=volumes, admits=lambda _: admits)
    return dangers_of_container(inspected, host)


@pytest.mark.parametrize("body", HARMLESS)
@pytest.mark.parametrize("running", [False, True])
def test_a_harmless_container_has_no_field_that_is_unknown(
    docker_backend: DockerEngine, raw: RawEngine, body: dict[str, Any], running: bool
) -> None:
    asked = {"host_config": {}, **body}
    assert dangers(docker_backend, raw.container(**asked, running=running)) == ()


@pytest.mark.parametrize("field", DANGEROUS)
def test_each_danger_shows_in_what_the_engine_answers(
    docker_backend: DockerEngine, raw: RawEngine, field: str
) -> None:
    made = raw.container({field: DANGEROUS[field]}, running=False)
    found = dangers(docker_backend, made)
    assert found
    assert not [danger for danger in found if danger.startswith("unknown field")]


def test_other_containers(docker_backend: DockerEngine, raw: RawEngine) -> None:
    other = raw.container({}, Volumes={"/data": {}})
    for field, value in (
        ("NetworkMode", f"container:{other}"),
        ("PidMode", f"container:{other}"),
        ("VolumesFrom", [other]),
    ):
        assert dangers(docker_backend, raw.container({field: value}, running=False)) != ()
    linked = raw.container({"Links": [f"{other}:db"]}, running=False)
    assert dangers(docker_backend, linked) == ()


def test_the_hosts_network_by_its_id(
    docker_backend: DockerEngine, raw: RawEngine, docker_engine: PrivateEngine
) -> None:
    networks = request_json(docker_engine.host, "GET", "/networks")
    (own,) = [network["Id"] for network in networks if network["Name"] == "host"]
    for mode in (own, own[:12]):
        made = raw.container({"NetworkMode": mode}, running=False)
        assert dangers(docker_backend, made) == ("network host",)


def test_volumes(docker_backend: DockerEngine, raw: RawEngine) -> None:
    plain, bound = unique("plain"), unique("bound")
    raw.volume(plain, {})
    raw.volume(bound, {"type": "none", "o": "bind", "device": "/etc"})
    mounted = {"Mounts": [{"Type": "volume", "Source": bound, "Target": "/x"}]}
    inline = {"Name": "local", "Options": {"type": "none", "o": "bind", "device": "/etc"}}
    new = {"Type": "volume", "Target": "/x", "VolumeOptions": {"DriverConfig": inline}}
    assert dangers(docker_backend, raw.container({"Binds": [f"{plain}:/x"]})) == ()
    for host_config in ({"Binds": [f"{bound}:/x"]}, mounted, {"Mounts": [new]}):
        assert dangers(docker_backend, raw.container(host_config, running=False)) != ()


def test_an_admitted_bind_mount(docker_backend: DockerEngine, raw: RawEngine) -> None:
    bind = {"Type": "bind", "Source": "/etc", "Target": "/x", "ReadOnly": True}
    for host_config in ({"Binds": ["/etc:/x:ro"]}, {"Mounts": [bind]}):
        made = raw.container(host_config, running=False)
        assert dangers(docker_backend, made) == ("bind mount of /etc",)
        assert dangers(docker_backend, made, admits=True) == ()


def test_a_field_that_no_engine_has_would_be_found(
    docker_backend: DockerEngine, raw: RawEngine
) -> None:
    inspected = docker_backend.inspect(raw.container({}, running=False))
    host = Host(docker_backend.defaults())
    for part in ("Config", "HostConfig"):
        changed = {**inspected, part: {**inspected[part], "Sauna": None}}
        assert dangers_of_container(changed, host) == ("unknown field Sauna",)
