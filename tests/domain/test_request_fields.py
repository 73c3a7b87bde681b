"""Each field of a request to create a container: its name, its value, and when it is left out."""

import pytest

from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec, Health, LogConfig
from contctl.core.domain.create_request import create_request
from contctl.core.domain.limits import DeviceRate, Limits, Ulimit, limits_request
from contctl.core.domain.mounts import (
    API_SOCKET,
    BindOptions,
    Mount,
    Storage,
    TmpfsOptions,
    VolumeOptions,
    storage_request,
)
from contctl.core.domain.networking import (
    Endpoint,
    Networking,
    endpoints_request,
    exposed_ports,
    is_user_defined,
    networking_request,
    port_bindings,
)
from contctl.core.domain.privileges import (
    Device,
    DeviceRequest,
    Privileges,
    capabilities,
    privileges_request,
)
from contctl.core.domain.resources import (
    Resources,
    RestartPolicy,
    resources_request,
    restart_request,
)

NO_RATES: Json = {
    "Ulimits": [],
    "BlkioWeightDevice": [],
    "BlkioDeviceReadBps": [],
    "BlkioDeviceWriteBps": [],
    "BlkioDeviceReadIOps": [],
    "BlkioDeviceWriteIOps": [],
}
NO_DNS: Json = {"Dns": [], "DnsOptions": [], "DnsSearch": []}


def test_the_portable_part() -> None:
    body = create_request(
        CreateSpec(
            "busybox",
            command=("sleep", "1"),
            entrypoint="/bin/sh",
            env=("A=1", "B"),
            labels={"team": "web"},
            ports=(Port(80, "tcp"),),
            workdir="/srv",
            user="1000",
            tty=True,
            stdin=True,
            attach=("stdin", "stderr"),
            hostname="web",
            domainname="example.org",
            stop_signal="INT",
            stop_timeout=3,
            health=Health(("CMD-SHELL", "true"), 1, 2, 3, 4, 5),
            storage=Storage(volumes=("/new",)),
        )
    )
    del body["HostConfig"]
    assert body == {
        "Image": "busybox",
        "Cmd": ["sleep", "1"],
        "Hostname": "web",
        "Domainname": "example.org",
        "User": "1000",
        "WorkingDir": "/srv",
        "Env": ["A=1", "B"],
        "Labels": {"team": "web"},
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/new": {}},
        "StopSignal": "INT",
        "Entrypoint": ["/bin/sh"],
        "StopTimeout": 3,
        "Healthcheck": {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 1,
            "Timeout": 2,
            "StartPeriod": 3,
            "StartInterval": 4,
            "Retries": 5,
        },
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": False,
        "AttachStderr": True,
    }


def test_an_input_is_closed_after_its_one_reader_only_where_it_is_open() -> None:
    body = create_request(CreateSpec("busybox", attach=("stdin", "stdout")))
    names = ("OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr")
    assert [body[name] for name in names] == [False, False, True, True, False]


def test_the_part_that_depends_on_the_host() -> None:
    host_config = create_request(
        CreateSpec(
            "busybox",
            network="shop",
            auto_remove=True,
            log=LogConfig("local", {"max-size": "1m"}),
            restart=RestartPolicy("on-failure", 2),
            init=True,
            cidfile="/tmp/cid",
            resources=Resources(memory=1),
            limits=Limits(shm_size=2),
            storage=Storage(read_only=True),
            networking=Networking(publish_all=True),
            privileges=Privileges(privileged=True),
        )
    )["HostConfig"]
    assert host_config == {
        **NO_RATES,
        **NO_DNS,
        "NetworkMode": "shop",
        "PortBindings": {},
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
        "AutoRemove": True,
        "LogConfig": {"Type": "local", "Config": {"max-size": "1m"}},
        "Init": True,
        "ContainerIDFile": "/tmp/cid",
        "Memory": 1,
        "ShmSize": 2,
        "ReadonlyRootfs": True,
        "PublishAllPorts": True,
        "Privileged": True,
        "Devices": [],
    }


def test_resources() -> None:
    assert resources_request(Resources()) == {}
    assert resources_request(Resources(1, 2, 3, 4, 5, 6, "0-1", "0", 7, 8, -1, -1, 10)) == {
        "CpuShares": 1,
        "CpuPeriod": 2,
        "CpuQuota": 3,
        "CpuRealtimePeriod": 4,
        "CpuRealtimeRuntime": 5,
        "NanoCpus": 6,
        "CpusetCpus": "0-1",
        "CpusetMems": "0",
        "Memory": 7,
        "MemoryReservation": 8,
        "MemorySwap": -1,
        "PidsLimit": -1,
        "BlkioWeight": 10,
    }
    assert restart_request(RestartPolicy("always", 1)) == {"Name": "always", "MaximumRetryCount": 1}


def test_limits() -> None:
    assert limits_request(Limits()) == NO_RATES
    limits = Limits(
        memory_swappiness=60,
        kernel_memory=1,
        oom_kill_disable=True,
        oom_score_adj=-5,
        shm_size=3,
        ulimits=(Ulimit("nofile", 1, 2),),
        weights=(DeviceRate("/dev/a", 1),),
        read_bps=(DeviceRate("/dev/b", 2),),
        write_bps=(DeviceRate("/dev/c", 3),),
        read_iops=(DeviceRate("/dev/d", 4),),
        write_iops=(DeviceRate("/dev/e", 5),),
        storage_options={"size": "1G"},
    )
    assert limits_request(limits) == {
        "MemorySwappiness": 60,
        "KernelMemory": 1,
        "OomKillDisable": True,
        "OomScoreAdj": -5,
        "ShmSize": 3,
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
        "BlkioWeightDevice": [{"Path": "/dev/a", "Weight": 1}],
        "BlkioDeviceReadBps": [{"Path": "/dev/b", "Rate": 2}],
        "BlkioDeviceWriteBps": [{"Path": "/dev/c", "Rate": 3}],
        "BlkioDeviceReadIOps": [{"Path": "/dev/d", "Rate": 4}],
        "BlkioDeviceWriteIOps": [{"Path": "/dev/e", "Rate": 5}],
        "StorageOpt": {"size": "1G"},
    }


def test_storage() -> None:
    assert storage_request(Storage()) == {}
    storage = Storage(("/a:/b",), ("/v",), (), {"/t": "ro"}, ("web:ro",), "nfs", False, True)
    assert storage_request(storage) == {
        "Binds": ["/a:/b"],
        "Tmpfs": {"/t": "ro"},
        "VolumesFrom": ["web:ro"],
        "VolumeDriver": "nfs",
        "ReadonlyRootfs": True,
    }


MOUNTED: list[tuple[Mount, Json]] = [
    (Mount("volume", "/t"), {"Type": "volume", "Target": "/t"}),
    (
        Mount("bind", "/t", "/s", True, "cached", BindOptions("rslave", True, True, True)),
        {
            "Type": "bind",
            "Source": "/s",
            "Target": "/t",
            "ReadOnly": True,
            "Consistency": "cached",
            "BindOptions": {
                "Propagation": "rslave",
                "NonRecursive": True,
                "ReadOnlyNonRecursive": True,
                "ReadOnlyForceRecursive": True,
            },
        },
    ),
    (
        Mount(
            "volume", "/t", volume=VolumeOptions(True, {"a": "b"}, "local", {"o": "bind"}, "sub")
        ),
        {
            "Type": "volume",
            "Target": "/t",
            "VolumeOptions": {
                "NoCopy": True,
                "Labels": {"a": "b"},
                "Subpath": "sub",
                "DriverConfig": {"Name": "local", "Options": {"o": "bind"}},
            },
        },
    ),
    (
        Mount("tmpfs", "/t", tmpfs=TmpfsOptions(1, 0o700)),
        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1, "Mode": 0o700}},
    ),
    (
        Mount("tmpfs", "/t", tmpfs=TmpfsOptions()),
        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {}},
    ),
    (
        Mount("image", "/t", "busybox", image_subpath="bin"),
        {
            "Type": "image",
            "Source": "busybox",
            "Target": "/t",
            "ImageOptions": {"Subpath": "bin"},
        },
    ),
]


@pytest.mark.parametrize(("mount", "made"), MOUNTED)
def test_mounts(mount: Mount, made: Json) -> None:
    assert storage_request(Storage(mounts=(mount,))) == {"Mounts": [made]}
    socket = {"Type": "bind", "Source": API_SOCKET, "Target": API_SOCKET, "BindOptions": {}}
    asked = storage_request(Storage(mounts=(mount,), api_socket=True))
    assert asked == {"Mounts": [made, socket]}


def test_networks() -> None:
    networking = Networking((), ("90/tcp",), True, ("db:d",), ("::1",), ("ndots:1",), ("a",))
    assert networking_request(Networking()) == NO_DNS
    assert networking_request(networking) == {
        "Links": ["db:d"],
        "PublishAllPorts": True,
        "Dns": ["::1"],
        "DnsOptions": ["ndots:1"],
        "DnsSearch": ["a"],
    }
    assert networking_request(Networking(hosts=("a:::1",))) == {"ExtraHosts": ["a:::1"], **NO_DNS}


def test_endpoints() -> None:
    whole = Endpoint("shop", ("web",), ("db",), "10.0.0.2", "fd::2", ("fe80::2",), "02:00", {}, -1)
    options = Endpoint("other", driver_options={"a": "b"})
    assert endpoints_request(Networking((whole, options, Endpoint("bare")))) == {
        "shop": {
            "IPAMConfig": {
                "IPv4Address": "10.0.0.2",
                "IPv6Address": "fd::2",
                "LinkLocalIPs": ["fe80::2"],
            },
            "Links": ["db"],
            "Aliases": ["web"],
            "MacAddress": "02:00",
            "GwPriority": -1,
        },
        "other": {"DriverOpts": {"a": "b"}},
        "bare": {},
    }


def test_ports() -> None:
    ports = (
        Port(80, "tcp", "::1", 8000, 8010),
        Port(80, "tcp", None, 9000),
        Port(53, "udp", "127.0.0.1"),
        Port(54, "udp", None, 0),
    )
    assert exposed_ports(Networking(expose=("90/sctp",)), ports) == {
        "80/tcp": {},
        "53/udp": {},
        "54/udp": {},
        "90/sctp": {},
    }
    assert port_bindings(ports) == {
        "80/tcp": [
            {"HostIp": "::1", "HostPort": "8000-8010"},
            {"HostIp": "", "HostPort": "9000"},
        ],
        "53/udp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
        "54/udp": [{"HostIp": "", "HostPort": "0"}],
    }


def test_networks_that_somebody_made() -> None:
    for usual in ("", "default", "bridge", "host", "none", "container:web", "container:"):
        assert not is_user_defined(usual)
    for made in ("shop", "Host", "bridge2", "container"):
        assert is_user_defined(made)


def test_privileges() -> None:
    assert privileges_request(Privileges()) == {"Devices": []}
    asked = Privileges(
        True,
        ("sys_admin",),
        ("kill",),
        ("seccomp=unconfined",),
        False,
        {"a": "b"},
        (Device("/dev/a", "/dev/b", "r"), Device("/dev/c", "/dev/c")),
        ("c 1:3 r",),
        (
            DeviceRequest("nvidia", -1, ("0", "1"), (("gpu", "utility"),), {"x": "y"}),
            DeviceRequest(),
        ),
        ("audio",),
        "crun",
        "/p",
        "host",
        "shareable",
        "host",
        "keep-id",
        "private",
        "process",
        {"c": "d"},
    )
    made = {
        "Privileged": True,
        "CapAdd": ["CAP_SYS_ADMIN"],
        "CapDrop": ["CAP_KILL"],
        "SecurityOpt": ["seccomp=unconfined"],
        "Sysctls": {"a": "b"},
        "Devices": [
            {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"},
            {"PathOnHost": "/dev/c", "PathInContainer": "/dev/c", "CgroupPermissions": "rwm"},
        ],
        "DeviceCgroupRules": ["c 1:3 r"],
        "DeviceRequests": [
            {
                "Driver": "nvidia",
                "Count": -1,
                "DeviceIDs": ["0", "1"],
                "Capabilities": [["gpu", "utility"]],
                "Options": {"x": "y"},
            },
            {"Driver": "", "Count": 0, "DeviceIDs": None, "Capabilities": [], "Options": {}},
        ],
        "GroupAdd": ["audio"],
        "Runtime": "crun",
        "CgroupParent": "/p",
        "PidMode": "host",
        "IpcMode": "shareable",
        "UTSMode": "host",
        "UsernsMode": "keep-id",
        "CgroupnsMode": "private",
        "Isolation": "process",
        "Annotations": {"c": "d"},
    }
    assert privileges_request(asked) == made


def test_paths_that_are_not_hidden() -> None:
    asked = Privileges(unconfined_paths=True, security=("label=disable",))
    assert privileges_request(asked) == {
        "Devices": [],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "SecurityOpt": ["label=disable"],
    }


def test_the_spelling_of_capabilities() -> None:
    assert capabilities((" kill ", "Cap_Chown", "", "cap_kill")) == ["CAP_CHOWN", "CAP_KILL"]
    assert capabilities(("All", "CAP_KILL")) == ["ALL"]
    assert capabilities(("cap_all",)) == ["CAP_ALL"]
