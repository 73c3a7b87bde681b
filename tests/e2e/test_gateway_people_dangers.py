"""A real Unix user before an installed gateway: no danger is to be had through it."""

import json
import secrets
import time
from typing import Any

import pytest

from contctl.core.domain.containers import Json
from contctl.wire.codec import dumps
from tests.contracts.typed_dangers import foreign, typed_dangers
from tests.e2e.machine import IMAGE
from tests.e2e.people import CALLERS, Person, Town

pytestmark = pytest.mark.docker
INSIDE = ("container:exec", "container:attach", "container:copy", "container:copy")
TOUCHED = {"exec_create", "exec_start", "attach", "archive-path", "extract-to-dir", "start"}
"""What an engine tells of whoever had a hold on the inside of a container."""

_NULL = {"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}
_INLINE = {"Name": "local", "Options": {"type": "none", "o": "bind", "device": "/etc"}}
DANGERS: dict[str, Json] = {
    "privileged mode": {"Privileged": True},
    "added capability": {"CapAdd": ["SYS_ADMIN"]},
    "devices": {"Devices": [_NULL]},
    "device cgroup rules": {"DeviceCgroupRules": ["c 1:3 rwm"]},
    "device requests": {"DeviceRequests": [{"Driver": "nvidia", "Count": -1}]},
    "security option": {"SecurityOpt": ["seccomp=unconfined"]},
    "sysctl": {"Sysctls": {"net.ipv4.ip_forward": "1"}},
    "cgroup parent": {"CgroupParent": "/elsewhere"},
    "network host": {"NetworkMode": "host"},
    "network container:": {"NetworkMode": "container:mine-base"},
    "IPC namespace": {"IpcMode": "host"},
    "PID namespace host": {"PidMode": "host"},
    "PID namespace container:": {"PidMode": "container:mine-base"},
    "UTS namespace": {"UTSMode": "host"},
    "user namespace": {"UsernsMode": "host"},
    "volumes of other": {"VolumesFrom": ["mine-base"]},
    "the engine's socket": {"Binds": ["/run/docker.sock:/run/docker.sock"]},
    "bind mount of /etc": {"Binds": ["/etc:/host:ro"]},
    "bind mount of /": {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}]},
    "inline volume": {
        "Mounts": [{"Type": "volume", "Target": "/x", "VolumeOptions": {"DriverConfig": _INLINE}}]
    },
    "volume driver": {"VolumeDriver": "other"},
    "the option": {"Binds": ["VOLUME:/host"]},
    "host port": {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}},
    "log driver": {"LogConfig": {"Type": "syslog", "Config": {}}},
    "unmasked path": {"MaskedPaths": []},
    "writable path": {"ReadonlyPaths": []},
    "negative OOM": {"OomScoreAdj": -500},
}
"""The dangers that every engine takes, by their words in the refusal. Some leave out, or give to
everybody, the host's cgroup namespace, annotations, real-time scheduling and the OOM killer's end;
and a runtime has to be installed."""


def inside(container_id: str) -> list[Json]:
    """Every operation that gives a hold on the inside of a container."""
    spec: Json = {"ref": container_id, "spec": {"argv": ["true"]}}
    return [
        {"operation": "containers/exec", "arguments": spec, "duplex": True},
        {
            "operation": "containers/attach",
            "arguments": {"ref": container_id, "spec": {}},
            "duplex": True,
        },
        {"operation": "containers/get_archive", "arguments": {"ref": container_id, "path": "/"}},
        {
            "operation": "containers/put_archive",
            "frames": [
                ["ARGUMENTS", json.dumps({"ref": container_id, "path": "/"})],
                ["IN", "\0" * 1024],
                ["END", ""],
            ],
        },
    ]


def test_the_inside_of_every_dangerous_container_is_closed(town: Town, alice: Person) -> None:
    volume = f"bound-{secrets.token_hex(4)}"
    town.raw.volume(volume, {"type": "none", "o": "bind", "device": "/etc"})
    town.container("mine-base")
    made = {
        danger: town.container(
            f"mine-{number}",
            json.loads(json.dumps(config).replace("VOLUME", volume)),
            running=False,
        )
        for number, (danger, config) in enumerate(DANGERS.items())
    }
    before = time.time()
    with town.granted(alice, "developer", "--name", "mine-*"):
        requests = [each for container_id in made.values() for each in inside(container_id)]
        answers = iter(alice.ask(*requests, token=alice.token()))
        for danger in made:
            for _ in INSIDE:
                problem = next(answers)[1]
                assert problem["code"] == "forbidden", (danger, problem)
                assert "lacks container:create-privileged on mine-" in problem["detail"]
                assert danger in problem["detail"].partition(", which carries ")[2]
        for line in ("exec mine-0 true", "start -a mine-0"):
            result = alice.run(*line.split())
            assert (result.code, result.out) == (125, "")
            assert result.err.startswith("error[forbidden]: you are not allowed to do this: ")
    assert [each for each in town.events(before) if each[0] in TOUCHED] == []
    denied = [each for each in town.records(alice) if each["phase"] == "denied"]
    told = [(each["action"], each["target"]) for each in denied]
    assert told[:-2] == [(action, each) for each in made.values() for action in INSIDE]
    assert {each["uid"] for each in denied} == {alice.uid}
    assert {each["result"] for each in denied} == {"forbidden"}


def test_the_inside_of_an_ordinary_container_is_open(town: Town, alice: Person) -> None:
    before = time.time()
    container_id = town.container("mine-web", Cmd=["sh", "-c", "echo hello; exec sleep 600"])
    with town.granted(alice, "developer", "--name", "mine-*"):
        answers = alice.ask(*inside(container_id), token=alice.token())
    assert [status for status, _ in answers] == [101, 101, 200, 200]
    assert [content for _, content in answers[:2]] == ["ITEM", "ITEM"]
    done = {action for action, about in town.events(before) if about == container_id}
    assert done >= TOUCHED


SPEC: Json = {"image": IMAGE, "command": ["true"], "name": "mine-made"}


def port(**values: Any) -> Json:
    """A create that publishes a port."""
    usual = {"container_port": 80, "protocol": "tcp", "host_ip": None, "host_port": 80}
    return {**SPEC, "ports": [{**usual, **values}]}


REFUSED: tuple[tuple[int, Json], ...] = (
    *(
        (403, spec)
        for spec in (
            port(),
            port(protocol="udp"),
            port(host_ip="127.0.0.1", host_port=1023),
            port(host_ip="::", host_port=1),
            port(host_port=-1),
            port(host_port=1000000),
            {**SPEC, "name": "other-made"},
            {**SPEC, "name": None},
            {**SPEC, "labels": {"team": "theirs"}},
        )
    ),
    *(
        (403, {**json.loads(dumps(spec)), **SPEC})
        for spec in typed_dangers("mine-base").values()
    ),
    *(
        (400, spec)
        for spec in ({**SPEC, "network": ""}, {**SPEC, "labels": {"contctl.request": "another"}})
    ),
)  # fmt: skip
"""What the model of a create can say and nobody, or not she, may have."""

_FIELDS = (
    "privileged", "Privileged", "cap_add", "CapAdd", "devices", "device_requests", "gpus",
    "security_opt", "sysctls", "runtime", "cgroup_parent", "cgroupns", "pid", "ipc", "uts",
    "userns", "network_mode", "NetworkMode", "volumes", "volumes_from", "binds", "Binds", "mounts",
    "volume_driver", "tmpfs", "host_config", "HostConfig", "NetworkingConfig", "use_api_socket",
    "links", "extra_hosts", "log_driver", "annotations", "masked_paths", "oom_score_adj", "Image",
    "IMAGE", "Labels", "__class__", "type", "",
)  # fmt: skip


def hostile_bodies() -> list[str]:
    """Bodies that say more than the model of a create has."""
    given = json.dumps(SPEC)
    inner = [json.dumps({"spec": {**SPEC, name: True}, "request": "r"}) for name in _FIELDS]
    outer = [json.dumps({"spec": SPEC, "request": "r", name: {}}) for name in _FIELDS]
    repeated = [
        f'{{"spec": {given}, "request": "r", "spec": {given}}}',
        f'{{"request": "r", "spec": {given[:-1]}, "image": "busybox"}}}}',
    ]
    odd = [
        json.dumps({"spec": {**SPEC, **change}, "request": "r"})
        for change in (
            {"ports": [{"container_port": 80, "protocol": "tcp", "host_port": "80"}]},
            {"ports": [{"container_port": 80, "protocol": "tcp", "privileged": True}]},
            {"ports": [{"container_port": 80.5, "protocol": "tcp"}]},
            {"ports": {"80/tcp": [{"HostPort": "80"}]}},
            {"command": "true"},
            {"env": {"A": "b"}},
            {"labels": [["a", "b"]]},
            {"labels": {"a": 1}},
            {"auto_remove": "yes"},
            {"image": ["busybox"]},
            {"network": {"Name": "host"}},
            {"name": "mine-\ud800"},
        )
    ]
    return [*inner, *outer, *repeated, *odd, "", "null", "[]", f"[{given}]", "{", f"{given} x"]


def test_no_create_brings_a_danger(town: Town, alice: Person) -> None:
    town.container("mine-base")
    town.container("other-web")
    names, before = town.names(), time.time()
    spare = town.settle(CALLERS)
    with (
        town.granted(alice, "developer", "--name", "mine-*"),
        town.granted(spare, "viewer", "--label", "team=theirs"),
    ):
        token = alice.token()
        asked = [creation({"spec": spec, "request": "r"}) for _, spec in REFUSED]
        found = alice.ask(*asked, token=token)
        for (status, spec), answer in zip(REFUSED, found, strict=True):
            assert answer[0] == status, (spec, answer)
            assert answer[1]["code"] == ("forbidden" if status == 403 else "usage")
        denied = [each for each in town.records(alice) if each["phase"] == "denied"]
        assert [each["action"] for each in denied] == ["container:create"] * len(REFUSED)
        assert {each["uid"] for each in denied} == {alice.uid}
        told = len(town.said())
        bodies = hostile_bodies()
        requests = [{"operation": "containers/create", "body": each} for each in bodies]
        for body, answer in zip(bodies, alice.ask(*requests, token=token), strict=True):
            assert (answer[0], answer[1]["code"]) == (400, "usage"), (body, answer)
        said = [each for each in town.said()[told:] if each["operation"] == "containers/create"]
        assert [(each["status"], each["uid"]) for each in said] == [(400, alice.uid)] * len(bodies)
        theirs = [
            creation({"spec": {**json.loads(dumps(spec)), **SPEC}, "request": "r"})
            for spec in (*foreign("other-web"), *foreign("nobody"))
        ]
        found = alice.ask(*theirs, token=token)
        assert {(status, answer["code"]) for status, answer in found} == {(404, "not-found")}
        absent = creation({"spec": {"image": "busybox\ud800"}, "request": "r"})
        path = {"ref": "mine-base", "path": "/\ud800"}
        fetch = {"operation": "containers/get_archive", "arguments": path}
        found = alice.ask(absent, fetch, token=token)
        assert [each[1]["code"] for each in found] == ["usage", "not-found"]
        assert town.names() == names
        assert town.events(before) == []
        ((status, made),) = alice.ask(creation({"spec": SPEC, "request": "r"}), token=token)
        assert status == 200, made
        assert ("create", made["id"]) in town.events(before)
        alice.done("rm", "mine-made")


def test_nothing_inside_an_exec_asks_for_more(town: Town, alice: Person) -> None:
    container_id = town.container("mine-web")
    before = time.time()
    fields = ("privileged", "Privileged", "cap_add", "detach_keys", "DetachKeys", "pid", "")
    refused = ("forbidden", *("usage",) * 6)
    requests = [
        {
            "operation": "containers/exec",
            "arguments": {"ref": container_id, "spec": {"argv": ["true"], name: True}},
            "duplex": True,
        }
        for name in fields
    ]
    with town.granted(alice, "developer", "--name", "mine-*"):
        answers = alice.ask(*requests, token=alice.token())
    assert tuple(answer[1]["code"] for answer in answers) == refused
    assert [each for each in town.events(before) if each[0] in TOUCHED] == []


def creation(arguments: Json) -> Json:
    """A request to make a container."""
    return {"operation": "containers/create", "arguments": arguments}
