"""What a container to make becomes in a cluster, and what of it is refused."""

import pytest

from contctl.backends.kubernetes.kinds import NAMESPACE_LABEL
from contctl.backends.kubernetes.manifest import manifest
from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec, Health, LogConfig
from contctl.core.domain.limits import Limits
from contctl.core.domain.mounts import Mount, Storage
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.privileges import Device, Privileges
from contctl.core.domain.resources import Resources, RestartPolicy
from contctl.core.errors import ContctlError, ErrorCode

IMAGE = "busybox"


def _pod(spec: CreateSpec) -> Json:
    pod: Json = manifest(spec, "r1")["spec"]["template"]["spec"]
    return pod


def _container(spec: CreateSpec) -> Json:
    (container,) = _pod(spec)["containers"]
    assert isinstance(container, dict)
    return container


@pytest.mark.parametrize(
    ("policy", "kind", "of_pods"),
    [
        (None, "Deployment", "Always"),
        (RestartPolicy("always"), "Deployment", "Always"),
        (RestartPolicy("unless-stopped"), "Deployment", "Always"),
        (RestartPolicy("on-failure", 3), "Job", "Never"),
        (RestartPolicy("no"), "Pod", "Never"),
    ],
)
def test_the_restart_policy_chooses_the_kind(
    policy: RestartPolicy | None, kind: str, of_pods: str
) -> None:
    made = manifest(CreateSpec(IMAGE, name="web", restart=policy), "r1")
    pod = made["spec"] if kind == "Pod" else made["spec"]["template"]["spec"]
    assert (made["kind"], pod["restartPolicy"]) == (kind, of_pods)
    assert made["metadata"]["labels"]["contctl.request"] == "r1"
    assert pod["automountServiceAccountToken"] is False
    if kind == "Deployment":
        assert made["spec"]["replicas"] == 0
        assert made["spec"]["selector"]["matchLabels"] == {"contctl.request": "r1"}
    if kind == "Job":
        assert made["spec"]["backoffLimit"] == 3


def test_a_job_that_may_fail_without_end() -> None:
    made = manifest(CreateSpec(IMAGE, restart=RestartPolicy("on-failure")), "r1")
    assert made["spec"]["backoffLimit"] == 2**31 - 1


def test_what_a_pod_takes() -> None:
    spec = CreateSpec(
        "registry.example/team/shop:2",
        ("-v", "$(HOME) $x"),
        entrypoint="serve",
        env=("ONE=$1=a", "EMPTY="),
        labels={"app.kubernetes.io/name": "shop"},
        workdir="/srv",
        user="1000:2000",
        hostname="shop",
        stdin=True,
        tty=True,
        stop_timeout=5,
        init=False,
        cidfile="/tmp/id",
        health=Health(("NONE",)),
        resources=Resources(memory=64 * 2**20, nano_cpus=1_500_000_000, memory_reservation=2**20),
        storage=Storage(volumes=("/data",), tmpfs={"/run": "size=1m"}, read_only=True),
        networking=Networking(expose=("80/tcp", "53/udp")),
        privileges=Privileges(drop=("ALL",), security=("no-new-privileges",), groups=("7",)),
    )
    pod, container = _pod(spec), _container(spec)
    assert container["command"] == ["serve"]
    assert container["args"] == ["-v", "$$(HOME) $$x"]
    assert container["env"] == [
        {"name": "ONE", "value": "$$1=a"},
        {"name": "EMPTY", "value": ""},
    ]
    assert container["workingDir"] == "/srv"
    assert (container["stdin"], container["tty"], container["stdinOnce"]) == (True, True, True)
    assert container["ports"] == [
        {"containerPort": 80, "protocol": "TCP"},
        {"containerPort": 53, "protocol": "UDP"},
    ]
    assert container["resources"] == {
        "limits": {"memory": str(64 * 2**20), "cpu": "1500m"},
        "requests": {"memory": str(2**20)},
    }
    assert container["securityContext"] == {
        "runAsUser": 1000,
        "runAsGroup": 2000,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    sources = {each["name"]: each["emptyDir"] for each in pod["volumes"]}
    assert sources[mounted["/data"]] == {}
    assert sources[mounted["/run"]] == {"medium": "Memory", "sizeLimit": "1Mi"}
    assert pod["hostname"] == "shop"
    assert pod["terminationGracePeriodSeconds"] == 5
    assert pod["securityContext"] == {"supplementalGroups": [7]}
    assert manifest(spec, "r1")["metadata"]["name"].startswith("shop-")


def test_what_gives_a_hold_on_the_node() -> None:
    asked = Privileges(privileged=True, add=("net_admin",), pid="host", ipc="host")
    spec = CreateSpec(IMAGE, network="host", privileges=asked)
    pod, security = _pod(spec), _container(spec)["securityContext"]
    assert (pod["hostNetwork"], pod["hostPID"], pod["hostIPC"]) == (True, True, True)
    assert security == {"privileged": True, "capabilities": {"add": ["NET_ADMIN"]}}


def test_an_entrypoint_taken_away() -> None:
    assert _container(CreateSpec(IMAGE, ("ls", "-l"), entrypoint=""))["command"] == ["ls", "-l"]


@pytest.mark.parametrize(
    "spec",
    [
        CreateSpec(IMAGE, name="Web"),
        CreateSpec(IMAGE, name="a_b"),
        CreateSpec(IMAGE, name="a" * 64),
        CreateSpec(IMAGE, user="root"),
        CreateSpec(IMAGE, user="1:2:3"),
        CreateSpec(IMAGE, entrypoint=""),
        CreateSpec(IMAGE, labels={"a b": "c"}),
        CreateSpec(IMAGE, labels={"a": "b c"}),
        CreateSpec(IMAGE, labels={"a": "b" * 64}),
        CreateSpec(IMAGE, labels={"A/b": ""}),
        CreateSpec(IMAGE, labels={"pod-template-hash": "1"}),
        CreateSpec(IMAGE, labels={"node.kubernetes.io/x": "1"}),
        CreateSpec(IMAGE, labels={NAMESPACE_LABEL: "kube-system"}),
        CreateSpec(IMAGE, restart=RestartPolicy("sometimes")),
        CreateSpec(IMAGE, privileges=Privileges(groups=("staff",))),
    ],
)
def test_what_a_cluster_does_not_take(spec: CreateSpec) -> None:
    with pytest.raises(ContctlError) as caught:
        manifest(spec, "r1")
    assert caught.value.code is ErrorCode.USAGE


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        (CreateSpec(IMAGE, ports=(Port(80, "tcp", None, 8080),)), "publish ports"),
        (CreateSpec(IMAGE, network="none"), "network"),
        (CreateSpec(IMAGE, network="shop"), "network"),
        (CreateSpec(IMAGE, auto_remove=True), "--rm"),
        (CreateSpec(IMAGE, platform="linux/arm64"), "--platform"),
        (CreateSpec(IMAGE, domainname="x"), "--domainname"),
        (CreateSpec(IMAGE, stop_signal="QUIT"), "signal"),
        (CreateSpec(IMAGE, stop_timeout=-1), "--stop-timeout"),
        (CreateSpec(IMAGE, init=True), "--init"),
        (CreateSpec(IMAGE, env=("HOME",)), "HOME"),
        (CreateSpec(IMAGE, health=Health(("CMD-SHELL", "true"))), "health"),
        (CreateSpec(IMAGE, log=LogConfig("none")), "--log-driver"),
        (CreateSpec(IMAGE, resources=Resources(cpu_shares=5)), "--cpu-shares"),
        (CreateSpec(IMAGE, resources=Resources(nano_cpus=1)), "CPU"),
        (CreateSpec(IMAGE, resources=Resources(pids_limit=5)), "--pids-limit"),
        (CreateSpec(IMAGE, limits=Limits(shm_size=5)), "--shm-size"),
        (CreateSpec(IMAGE, storage=Storage(binds=("/:/host",))), "volumes and folders"),
        (CreateSpec(IMAGE, storage=Storage(binds=("data:/data",))), "volumes and folders"),
        (CreateSpec(IMAGE, storage=Storage(mounts=(Mount("bind", "/a", "/b"),))), "folders"),
        (CreateSpec(IMAGE, storage=Storage(volumes_from=("x",))), "--volumes-from"),
        (CreateSpec(IMAGE, storage=Storage(tmpfs={"/run": "noexec"})), "noexec"),
        (CreateSpec(IMAGE, networking=Networking(dns=("1.1.1.1",))), "--dns"),
        (CreateSpec(IMAGE, networking=Networking(publish_all=True)), "-P"),
        (CreateSpec(IMAGE, networking=Networking(endpoints=(Endpoint("x"),))), "--network"),
        (CreateSpec(IMAGE, privileges=Privileges(devices=(Device("/a", "/a"),))), "--device"),
        (CreateSpec(IMAGE, privileges=Privileges(security=("seccomp=unconfined",))), "seccomp"),
        (CreateSpec(IMAGE, privileges=Privileges(pid="container:x")), "--pid"),
        (CreateSpec(IMAGE, privileges=Privileges(runtime="x")), "--runtime"),
        (CreateSpec(IMAGE, privileges=Privileges(userns="host")), "--userns"),
    ],
)
def test_what_a_cluster_does_not_have_is_refused_by_name(spec: CreateSpec, named: str) -> None:
    with pytest.raises(ContctlError) as caught:
        manifest(spec, "r1")
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert named in caught.value.message
