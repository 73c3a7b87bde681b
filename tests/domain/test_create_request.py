"""What is asked of an engine for a container to make, and to change."""

from contctl.core.domain.actions import Update
from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec, Health
from contctl.core.domain.create_request import create_request, update_request
from contctl.core.domain.limits import DeviceRate, Limits, Ulimit
from contctl.core.domain.mounts import Mount, Storage, VolumeOptions
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.privileges import Privileges, capabilities
from contctl.core.domain.resources import Resources, RestartPolicy

USUAL: Json = {
    "Image": "busybox",
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "AttachStdin": False,
    "AttachStdout": True,
    "AttachStderr": True,
    "HostConfig": {
        "NetworkMode": "default",
        "PortBindings": {},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "AutoRemove": False,
        "LogConfig": {"Type": "", "Config": {}},
        "Ulimits": [],
        "BlkioWeightDevice": [],
        "BlkioDeviceReadBps": [],
        "BlkioDeviceWriteBps": [],
        "BlkioDeviceReadIOps": [],
        "BlkioDeviceWriteIOps": [],
        "Dns": [],
        "DnsOptions": [],
        "DnsSearch": [],
        "Devices": [],
    },
}


def asked(**fields: object) -> Json:
    """What a request has beside the usual one."""
    body = create_request(CreateSpec("busybox", **fields))  # type: ignore[arg-type]
    host_config = body.pop("HostConfig")
    found = {key: value for key, value in body.items() if USUAL.get(key) != value}
    usual: Json = USUAL["HostConfig"]
    return found | {key: value for key, value in host_config.items() if usual.get(key) != value}


def test_what_is_not_asked_for_is_left_to_the_engine() -> None:
    assert create_request(CreateSpec("busybox")) == USUAL


def test_each_part_has_its_place() -> None:
    assert asked(entrypoint="", stop_timeout=0, init=False) == {
        "Entrypoint": [""],
        "StopTimeout": 0,
        "Init": False,
    }
    assert asked(stdin=True) == {"OpenStdin": True, "StdinOnce": True, "AttachStdin": True}
    assert asked(stdin=True, attach=()) == {
        "OpenStdin": True,
        "AttachStdout": False,
        "AttachStderr": False,
    }
    ports = (Port(80, "tcp"), Port(80, "tcp", "::1", 8000, 8010), Port(81, "udp", None, 0))
    assert asked(ports=ports, networking=Networking(expose=("90/tcp",))) == {
        "ExposedPorts": {"80/tcp": {}, "81/udp": {}, "90/tcp": {}},
        "PortBindings": {
            "80/tcp": [{"HostIp": "", "HostPort": ""}, {"HostIp": "::1", "HostPort": "8000-8010"}],
            "81/udp": [{"HostIp": "", "HostPort": "0"}],
        },
    }
    endpoint = Endpoint("shop", ("web",), ipv4="10.0.0.2")
    assert asked(network="shop", networking=Networking((endpoint,))) == {
        "NetworkMode": "shop",
        "NetworkingConfig": {
            "EndpointsConfig": {
                "shop": {"Aliases": ["web"], "IPAMConfig": {"IPv4Address": "10.0.0.2"}}
            }
        },
    }
    volume = Mount("volume", "/v", "data", volume=VolumeOptions(no_copy=True))
    assert asked(storage=Storage(("/a:/b",), ("/new",), (volume,), {"/t": ""})) == {
        "Binds": ["/a:/b"],
        "Volumes": {"/new": {}},
        "Mounts": [
            {
                "Type": "volume",
                "Source": "data",
                "Target": "/v",
                "VolumeOptions": {"NoCopy": True, "DriverConfig": {}},
            }
        ],
        "Tmpfs": {"/t": ""},
    }
    assert asked(health=Health(("NONE",), interval=5)) == {
        "Healthcheck": {"Test": ["NONE"], "Interval": 5}
    }
    assert asked(
        limits=Limits(0, ulimits=(Ulimit("core", 0, -1),), weights=(DeviceRate("/dev/x", 10),)),
        resources=Resources(memory=1, pids_limit=-1),
    ) == {
        "MemorySwappiness": 0,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": -1}],
        "BlkioWeightDevice": [{"Path": "/dev/x", "Weight": 10}],
        "Memory": 1,
        "PidsLimit": -1,
    }
    assert asked(privileges=Privileges(unconfined_paths=True)) == {
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "SecurityOpt": [],
    }


def test_capabilities_have_one_spelling() -> None:
    assert capabilities(("sys_admin", "CAP_CHOWN", "chown")) == ["CAP_CHOWN", "CAP_SYS_ADMIN"]
    assert capabilities(("chown", "all")) == ["ALL"]
    assert capabilities(()) == []


def test_a_change_says_only_what_changes() -> None:
    assert update_request(Update()) == {}
    assert update_request(Update(Resources(nano_cpus=5), RestartPolicy("on-failure", 2))) == {
        "NanoCpus": 5,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
    }
