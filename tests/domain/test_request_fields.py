"""Each field of a request to create a container: its name, its value, and when it is left out."""

from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec, Health, LogConfig
from contctl.core.domain.create_request import create_request
from contctl.core.domain.limits import DeviceRate, Limits, Ulimit, limits_request
from contctl.core.domain.mounts import (
    Storage,
)
from contctl.core.domain.networking import (
    Networking,
)
from contctl.core.domain.privileges import (
    Privileges,
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
