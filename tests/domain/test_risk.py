"""Which fields of a container are dangers, one by one and in any company."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.create_request import create_request
from contctl.core.domain.engine_fields import CONFIG, HOST_CONFIG
from contctl.core.domain.field_rules import EngineDefaults, Host
from contctl.core.domain.risk import (
    INWARD,
    dangers_of_container,
    dangers_of_request,
    in_words,
    networks_of,
    volumes_of,
)
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission
from contctl.core.errors import ContctlError, ErrorCode

NOWHERE = Host()
MASKED = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

DANGEROUS: list[tuple[str, Any, str]] = [
    ("Privileged", True, "privileged mode"),
    ("CapAdd", ["SYS_ADMIN"], "added capability SYS_ADMIN"),
    ("CapAdd", ["CHOWN", "cap_net_raw"], "added capability cap_net_raw"),
    ("CapAdd", ["ALL"], "added capability ALL"),
    ("Capabilities", ["CHOWN"], "a set of capabilities"),
    ("Devices", [{"PathOnHost": "/dev/kmsg"}], "devices"),
    ("DeviceRequests", [{"Count": -1}], "device requests, such as GPUs"),
    ("DeviceCgroupRules", ["a *:* rwm"], "device cgroup rules"),
    ("SecurityOpt", ["seccomp=unconfined"], "security option seccomp"),
    ("SecurityOpt", ["apparmor:unconfined"], "security option apparmor"),
    ("SecurityOpt", ["no-new-privileges=false"], "security option no-new-privileges"),
    ("SecurityOpt", ["label=disable"], "security option label"),
    ("Sysctls", {"net.ipv4.ip_forward": "1"}, "sysctl net.ipv4.ip_forward"),
    ("Runtime", "kata", "runtime kata"),
    ("CgroupParent", "/", "cgroup parent /"),
    ("Cgroup", "container:x", "cgroup container:x"),
    ("CgroupnsMode", "host", "cgroup namespace host"),
    ("IpcMode", "host", "IPC namespace host"),
    ("IpcMode", "container:x", "IPC namespace container:x"),
    ("PidMode", "host", "PID namespace host"),
    ("PidMode", "container:x", "PID namespace container:x"),
    ("UTSMode", "host", "UTS namespace host"),
    ("UsernsMode", "host", "user namespace host"),
    ("NetworkMode", "host", "network host"),
    ("NetworkMode", "container:x", "network container:x"),
    ("NetworkMode", "ns:/proc/1/ns/net", "network ns:/proc/1/ns/net"),
    ("VolumesFrom", ["x"], "volumes of other containers"),
    ("VolumeDriver", "nfs", "volume driver nfs"),
    ("PortBindings", {"80/tcp": [{"HostPort": "80"}]}, "host port 80"),
    ("PortBindings", {"80/tcp": [{"HostPort": "8080"}, {"HostPort": "0443"}]}, "host port 0443"),
    ("PortBindings", {"80/tcp": [{"HostPort": "1000-2000"}]}, "host port 1000-2000"),
    ("PortBindings", {"80/tcp": [{"HostPort": "0-2000"}]}, "host port 0-2000"),
    ("PortBindings", {"80/tcp": [{"HostPort": "1023"}]}, "host port 1023"),
    ("PortBindings", {"80/tcp": [{"HostPort": "٨٠"}]}, "host port ٨٠"),
    ("PortBindings", {"80/tcp": [{"Port": "8"}]}, "unknown field PortBindings.Port"),
    ("MaskedPaths", [], "unmasked path /proc/acpi"),
    ("MaskedPaths", MASKED[:-1], "unmasked path /sys/firmware"),
    ("ReadonlyPaths", READ_ONLY[1:], "writable path /proc/bus"),
    ("OomScoreAdj", -1, "negative OOM score"),
    ("OomKillDisable", True, "disabled OOM killer"),
    ("CpuRealtimeRuntime", 1, "real-time scheduling"),
    ("LogConfig", {"Type": "syslog"}, "log driver syslog"),
    ("LogConfig", {"type": "syslog"}, "unknown field LogConfig.type"),
    ("Annotations", {"run.oci.handler": "krun"}, "annotations for the runtime"),
    ("StorageOpt", {"dm.basesize": "1"}, "storage option dm.basesize"),
    ("Isolation", "process", "isolation process"),
    ("Mounts", [{"Type": "npipe", "Source": "x"}], "mount of the type npipe"),
    ("Binds", ["/etc:/x:ro"], "bind mount of /etc"),
    ("privileged", True, "unknown field privileged"),
    ("Sauna", None, "unknown field Sauna"),
]

HARMLESS: dict[str, list[Any]] = {
    "Privileged": [False, None],
    "CapAdd": [[], ["CHOWN", "CAP_KILL", "net_bind_service"]],
    "CapDrop": [["ALL"]],
    "SecurityOpt": [["no-new-privileges"], ["no-new-privileges:true"], []],
    "Runtime": ["", "runc", "io.containerd.runc.v2"],
    "NetworkMode": ["", "default", "bridge", "none", "shop_net", "0123456789ab"],
    "IpcMode": ["", "private", "shareable", "none"],
    "PidMode": [""],
    "CgroupnsMode": ["private", ""],
    "PortBindings": [
        {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "81/tcp": None},
        {"80/tcp": [{"HostPort": ""}, {"HostPort": "0"}, {"HostPort": "1024-1030"}]},
    ],
    "MaskedPaths": [None, MASKED, [*MASKED, "/proc/interrupts"]],
    "ReadonlyPaths": [None, READ_ONLY],
    "OomScoreAdj": [0, 500],
    "OomKillDisable": [False, None],
    "LogConfig": [{"Type": "json-file", "Config": {"max-size": "1m"}}, {"Type": "journald"}],
    "GroupAdd": [["docker", "0"]],
    "Links": [["/db:/web/db"]],
    "Tmpfs": [{"/tmp": "size=1m"}],
    "Init": [True],
    "StorageOpt": [{"size": "1G"}],
    "ConsoleSize": [[0, 0]],
    "Ulimits": [[{"Name": "nofile", "Soft": 1, "Hard": 1}]],
    "RestartPolicy": [{"Name": "always", "MaximumRetryCount": 0}],
    "Memory": [1 << 30],
}


def container(**host_config: Any) -> dict[str, Any]:
    """What an engine would inspect."""
    return {"Config": {"Image": "busybox"}, "HostConfig": host_config}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*HOST_CONFIG, *CONFIG, "Sauna"])
harmless_configs = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in HARMLESS.items()}
)
dangerous_fields = st.sampled_from(DANGEROUS)


@pytest.mark.parametrize(("field", "value", "danger"), DANGEROUS)
def test_each_danger_is_named(field: str, value: object, danger: str) -> None:
    assert dangers_of_container(container(**{field: value}), NOWHERE) == (danger,)


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in HARMLESS.items() for value in values]
)
def test_each_harmless_value_is_none(field: str, value: object) -> None:
    assert dangers_of_container(container(**{field: value}), NOWHERE) == ()
    body = {"Image": "busybox", "HostConfig": {field: value}}
    host = Host(networks={name: {"Driver": "bridge"} for name in networks_of(body)})
    assert dangers_of_request(body, host) == ()


@pytest.mark.parametrize("named", ["f00d", "f00d" * 16])
def test_a_network_is_what_the_engine_says_of_it(named: str) -> None:
    bodies: list[Json] = [
        {"HostConfig": {"NetworkMode": named}},
        {"NetworkingConfig": {"EndpointsConfig": {named: {}}}},
    ]
    for body in bodies:
        assert networks_of(body) == (named,)
        for answer, dangers in (
            ({"Driver": "bridge"}, ()),
            (None, ()),
            ({"Driver": "host"}, ("network host",)),
            ({}, (f"network {named}, which cannot be examined",)),
            ("x", (f"network {named}, which cannot be examined",)),
        ):
            assert dangers_of_request(body, Host(networks={named: answer})) == dangers
        unasked = (f"network {named}, which cannot be examined",)
        assert dangers_of_request(body, NOWHERE) == unasked
    for usual in ("", "default", "bridge", "none"):
        mode: Json = {"HostConfig": {"NetworkMode": usual}}
        assert (networks_of(mode), dangers_of_request(mode, NOWHERE)) == ((), ())


@given(harmless_configs, dangerous_fields)
def test_no_company_hides_a_danger(config: dict[str, Any], danger: tuple[str, Any, str]) -> None:
    field, value, words = danger
    assert dangers_of_container(container(**config), NOWHERE) == ()
    assert words in dangers_of_container(container(**{**config, field: value}), NOWHERE)


@given(st.dictionaries(fields, json_values), st.dictionaries(fields, json_values), json_values)
def test_nothing_raises(config: Any, host_config: Any, other: Any) -> None:
    for inspected in (
        {"Config": config, "HostConfig": host_config, "Mounts": other},
        {"Config": other, "HostConfig": other, "NetworkSettings": {"Networks": other}},
        {"NetworkSettings": other, "Mounts": [other, {"Type": other, "Source": other}]},
    ):
        names = volumes_of(inspected)
        host = Host(volumes=dict.fromkeys(names, other))
        assert all(isinstance(each, str) for each in dangers_of_container(inspected, host))
    try:
        dangers_of_request({**config, "HostConfig": host_config}, NOWHERE)
    except ContctlError as error:
        if error.code is not ErrorCode.USAGE:
            raise


@given(fields, json_values)
def test_a_value_of_another_type_is_never_harmless(field: str, value: Any) -> None:
    """A field that any rule passes with a nested document in it was not understood."""
    nested = [[[{"x": value}]]]
    assert dangers_of_container(container(**{field: nested}), NOWHERE)


@pytest.mark.parametrize("inspected", [{}, {"Config": {}}, {"Config": [], "HostConfig": None}])
def test_what_cannot_be_examined_is_a_danger(inspected: dict[str, Any]) -> None:
    assert "HostConfig, which cannot be examined" in dangers_of_container(inspected, NOWHERE)


def test_the_networks_that_it_is_in() -> None:
    endpoint = {"IPAMConfig": {"IPv4Address": "10.0.0.2"}, "Aliases": ["web"], "IPPrefixLen": 24}
    for networks, dangers in (
        ({"shop_net": endpoint}, ()),
        ({"host": endpoint}, ("network host",)),
        ({"shop_net": {"DriverOpts": {"x": "y"}}}, ("options for a network driver",)),
        ({"shop_net": {"Sauna": 1}}, ("unknown field EndpointsConfig.Sauna",)),
    ):
        inspected = {**container(), "NetworkSettings": {"Networks": networks, "Ports": {}}}
        assert dangers_of_container(inspected, NOWHERE) == dangers
    inspected = {**container(Privileged=True), "NetworkSettings": {"Networks": {"host": endpoint}}}
    assert dangers_of_container(inspected, NOWHERE) == ("privileged mode", "network host")
    inspected = {**container(), "NetworkSettings": {"Networks": "host"}}
    assert dangers_of_container(inspected, NOWHERE) == ("Networks of an unexpected type",)
    body = {"NetworkingConfig": {"EndpointsConfig": {"host": None}}}
    assert dangers_of_request(body, NOWHERE) == ("network host",)


def test_what_the_engine_gives_everybody_is_no_danger_in_a_container() -> None:
    own = Host(EngineDefaults(private_cgroups=False, log_driver="gelf", runtime="crun"))
    config = {"CgroupnsMode": "host", "LogConfig": {"Type": "gelf"}, "Runtime": "crun"}
    assert dangers_of_container(container(**config), own) == ()
    assert len(dangers_of_container(container(**config), NOWHERE)) == 3
    assert len(dangers_of_request({"HostConfig": config}, own)) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"Sauna": 1}, "Sauna"),
        ({"image": "x"}, "image"),
        ({"HostConfig": {"privileged": True}}, "HostConfig.privileged"),
        ({"hostconfig": {"Privileged": True}}, "hostconfig"),
        ({"HostConfig": {"LogConfig": {"TYPE": "syslog"}}}, "LogConfig.TYPE"),
        ({"HostConfig": {"Mounts": [{"type": "bind"}]}}, "Mounts.type"),
        ({"Healthcheck": {"Sauna": 1}}, "Healthcheck.Sauna"),
        ({"NetworkingConfig": {"Sauna": 1}}, "NetworkingConfig.Sauna"),
    ],
)
def test_a_request_with_an_unknown_field_is_refused(body: dict[str, Any], field: str) -> None:
    with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE) as raised:
        dangers_of_request(body, NOWHERE)
    assert repr(field) in raised.value.message


def test_a_request_that_is_no_object_is_a_danger() -> None:
    body: Any = ["busybox"]
    assert dangers_of_request(body, NOWHERE) == ("the request of an unexpected type",)


def test_dangers_of_a_spec() -> None:
    ports = (Port(80, "tcp", None, 80), Port(53, "udp", "127.0.0.1", 8053), Port(81, "tcp"))
    assert dangers_of_request(create_request(CreateSpec("busybox", ports=ports)), NOWHERE) == (
        "host port 80",
    )
    assert dangers_of_request(create_request(CreateSpec("busybox", network="host")), NOWHERE) == (
        "network host",
    )
    ordinary = CreateSpec("busybox", ("sh",), env=("A=1",), network="none", ports=ports[1:])
    assert dangers_of_request(create_request(ordinary), NOWHERE) == ()


def test_dangers_in_words() -> None:
    assert in_words(("a",)) == "a"
    assert in_words(("a", "b", "c")) == "a, b, c"
    assert in_words(("a", "b", "c", "d")) == "a, b, c and 1 more"
    assert in_words(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"


def test_long_text_is_cut() -> None:
    (danger,) = dangers_of_container(container(Runtime="x" * 5000), NOWHERE)
    assert len(danger) < 200


def test_whoever_may_use_dangerous_containers_may_all_that_is_guarded() -> None:
    """So that asking for the one permission asks for both inside one grant."""
    for permissions in ROLE_PERMISSIONS.values():
        if Permission.CREATE_PRIVILEGED in permissions:
            assert permissions >= INWARD | {Permission.CREATE}
