"""What gives a pod a hold on its host is a danger to the rules that judge docker's fields."""

import pytest

from contctl.backends.kubernetes.inspecting import described
from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.core.domain.containers import for_display
from contctl.core.domain.field_rules import Host
from contctl.core.domain.risk import dangers_of_container, volumes_of
from tests.kubernetes.manifests import CREATED_AT, UID, Json, container, pod

FOUND = Found(UID.replace("-", ""), Kind.POD, "shop", "web")
HARMLESS_SECURITY = {
    "runAsUser": 1000,
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    "seccompProfile": {"type": "RuntimeDefault"},
    "privileged": False,
    "procMount": "Default",
}
TOKEN = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}


def _secured(**security: object) -> Json:
    return {"containers": [container(securityContext=security)]}


def _volume(**volume: object) -> Json:
    mounted = container(volumeMounts=[{"name": "v", "mountPath": "/v"}])
    return {"containers": [mounted], "volumes": [{"name": "v", **volume}]}


def _dangers(item: Json) -> tuple[str, ...]:
    inspected = described(FOUND, item, [item], CREATED_AT)
    everything = Host(admits=lambda _: True, volumes=dict.fromkeys(volumes_of(inspected), None))
    return dangers_of_container(inspected, everything)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        _secured(**HARMLESS_SECURITY),
        {"serviceAccountName": "default", "volumes": [TOKEN]},
        {"serviceAccountName": "builder", "automountServiceAccountToken": False},
        {"containers": [container(ports=[{"containerPort": 80, "hostPort": 8080}])]},
        {"containers": [container(resources={"limits": {"memory": "1Gi", "cpu": "2"}})]},
        _volume(emptyDir={}),
        _volume(configMap={"name": "settings"}),
        _volume(secret={"secretName": "default-token-abc12"}),
        {"nodeName": "n1", "tolerations": [{"operator": "Exists"}], "dnsPolicy": "ClusterFirst"},
    ],
)
def test_what_is_ordinary_is_no_danger(spec: Json) -> None:
    assert _dangers(pod(spec=spec)) == ()


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        (_secured(privileged=True), "privileged"),
        (_secured(capabilities={"add": ["SYS_ADMIN"]}), "SYS_ADMIN"),
        (_secured(procMount="Unmasked"), "unmasked path"),
        (_secured(seccompProfile={"type": "Unconfined"}), "seccomp"),
        (_secured(appArmorProfile={"type": "Unconfined"}), "apparmor"),
        (_secured(seLinuxOptions={"type": "spc_t"}), "seLinuxOptions"),
        (_secured(windowsOptions={"hostProcess": True}), "windowsOptions"),
        (_secured(somethingNew=True), "somethingNew"),
        ({"securityContext": {"sysctls": [{"name": "kernel.x", "value": "1"}]}}, "kernel.x"),
        ({"hostNetwork": True}, "network host"),
        ({"hostPID": True}, "PID namespace host"),
        ({"hostIPC": True}, "IPC namespace host"),
        ({"runtimeClassName": "bare"}, "runtime bare"),
        ({"somethingNew": {}}, "spec.somethingNew"),
        ({"containers": [container(somethingNew=1)]}, "container.somethingNew"),
        ({"containers": [container(ports=[{"containerPort": 80, "hostPort": 80}])]}, "port 80"),
        ({"containers": [container(volumeDevices=[{"devicePath": "/dev/x"}])]}, "devices"),
        (
            {"containers": [container(resources={"limits": {"nvidia.com/gpu": "1"}})]},
            "device requests",
        ),
        ({"serviceAccountName": "builder"}, "service account builder"),
        ({"serviceAccount": "builder", "volumes": [TOKEN]}, "service account builder"),
        (_volume(secret={"secretName": "builder-token-abc12"}), "service account"),
        (_volume(hostPath={"path": "/srv"}), "hostPath"),
        (_volume(persistentVolumeClaim={"claimName": "data"}), "volume data"),
        (_volume(nfs={"server": "x", "path": "/"}), "nfs"),
        (_volume(projected={"sources": [{"somethingNew": {}}]}), "projected"),
        ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "hostPath"),
        ({"initContainers": [container(securityContext={"privileged": True})]}, "privileged"),
        ({"ephemeralContainers": [container(securityContext={"privileged": True})]}, "privileged"),
        (
            {
                "containers": [
                    container(
                        volumeMounts=[
                            {"name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"}
                        ]
                    )
                ],
                "volumes": [{"name": "v", "emptyDir": {}}],
            },
            "propagation",
        ),
    ],
)
def test_what_gives_a_hold_on_the_host_is_a_danger(spec: Json, named: str) -> None:
    found = _dangers(pod(spec=spec))
    assert found
    assert any(named in danger for danger in found), found


def test_an_annotation_for_the_runtime_is_a_danger() -> None:
    unconfined = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
    assert _dangers(pod(annotations=unconfined))
    assert _dangers(pod(annotations={"io.kubernetes.cri-o.Devices": "/dev/fuse"}))
    assert not _dangers(pod(annotations={"example.com/note": "unconfined"}))


def test_a_workload_carries_what_any_of_its_pods_carries() -> None:
    calm, hostile = pod(), pod(spec={"hostPID": True})
    workload = {**pod(), "spec": {"template": {"metadata": {}, "spec": calm["spec"]}}}
    found = Found(FOUND.id, Kind.DEPLOYMENT, "shop", "web")
    host = Host()
    assert not dangers_of_container(described(found, workload, [calm], 0.0), host)
    assert dangers_of_container(described(found, workload, [calm, hostile], 0.0), host)


def test_no_value_of_a_variable_is_shown_to_who_may_not_see_it() -> None:
    secret = "hunter2-canary"
    spec = {
        "containers": [container(env=[{"name": "PASSWORD", "value": secret}])],
        "initContainers": [container(env=[{"name": "PASSWORD", "value": secret}])],
    }
    applied = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"value": "{secret}"}}'}
    item = pod(spec=spec, annotations=applied, managedFields=[{"x": secret}])
    inspected = described(FOUND, item, [item], CREATED_AT)
    assert inspected["Config"]["Env"] == [f"PASSWORD={secret}"]
    assert secret not in str(inspected["Kubernetes"])
    assert secret not in str(for_display(inspected, with_environment=False))
    template = {"metadata": {"annotations": applied}, "spec": spec}
    workload = {**pod(), "spec": {"template": template}}
    of_workload = described(Found("1", Kind.DEPLOYMENT, "shop", "web"), workload, [], 0.0)
    assert secret not in str(of_workload["Kubernetes"])


def test_the_namespace_cannot_be_claimed_by_a_label() -> None:
    item = pod(labels={"io.kubernetes.pod.namespace": "other"})
    labels = described(FOUND, item, [item], 0.0)["Config"]["Labels"]
    assert labels == {"io.kubernetes.pod.namespace": "shop"}
