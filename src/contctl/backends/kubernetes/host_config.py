"""What gives a pod a hold on its host, in the fields in which docker tells it.

The rules about dangers read docker's fields (core/domain/engine_fields.py). What has no field there
is put where they find a danger: a field that they do not know. Source: Kubernetes API reference,
PodSpec, Container, SecurityContext (v1.37); Pod Security Standards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.pods import part, parts, text

if TYPE_CHECKING:
    from contctl.core.domain.containers import Json

_POD_FIELDS = frozenset(
    (
        "activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers",
        "dnsConfig", "dnsPolicy", "enableServiceLinks", "ephemeralContainers", "hostAliases",
        "hostIPC", "hostNetwork", "hostPID", "hostUsers", "hostname", "imagePullSecrets",
        "initContainers", "nodeName", "nodeSelector", "os", "overhead", "preemptionPolicy",
        "priority", "priorityClassName", "readinessGates", "resources", "restartPolicy",
        "runtimeClassName", "schedulerName", "schedulingGates", "securityContext",
        "serviceAccount", "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace",
        "subdomain", "terminationGracePeriodSeconds", "tolerations",
        "topologySpreadConstraints", "volumes",
    )
)  # fmt: skip
_CONTAINER_FIELDS = frozenset(
    (
        "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle",
        "livenessProbe", "name", "ports", "readinessProbe", "resizePolicy", "resources",
        "restartPolicy", "restartPolicyRules", "securityContext", "startupProbe", "stdin",
        "stdinOnce", "targetContainerName", "terminationMessagePath", "terminationMessagePolicy",
        "tty", "volumeDevices", "volumeMounts", "workingDir",
    )
)  # fmt: skip
_HARMLESS_SECURITY = frozenset(
    (
        "allowPrivilegeEscalation", "fsGroup", "fsGroupChangePolicy", "readOnlyRootFilesystem",
        "runAsGroup", "runAsNonRoot", "runAsUser", "supplementalGroups",
        "supplementalGroupsPolicy",
    )
)  # fmt: skip
_READ_SECURITY = frozenset(
    ("appArmorProfile", "capabilities", "privileged", "procMount", "seccompProfile", "sysctls")
)
_ORDINARY_RESOURCES = ("cpu", "memory", "ephemeral-storage", "storage")
_INSIDE = ("configMap", "downwardAPI", "emptyDir", "image")
"""Volumes that are the cluster's own, and end with the pod."""

_PROJECTED = ("clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret")
_TOKEN_SECRET = re.compile(r"(.+)-token-[a-z0-9]{5}")
_RUNTIME_ANNOTATIONS = ("io.kubernetes.cri", "io.containers.", "io.katacontainers.", "run.oci.")
_PROFILE_ANNOTATIONS = ("container.apparmor.security.", "seccomp.security.", "container.seccomp.")
_HOST_NAMESPACES = {"hostNetwork": "NetworkMode", "hostPID": "PidMode", "hostIPC": "IpcMode"}
_OWN_PROFILES = ("runtime/default", "docker/default")


def host_config(pods: Sequence[Json]) -> Json:
    """docker's `HostConfig` of all these pods, or templates of them, together: whoever reaches into
    one of their containers reaches what any of them has."""
    config: Json = {
        "Privileged": False,
        "CapAdd": [],
        "CapDrop": [],
        "SecurityOpt": [],
        "Devices": [],
        "DeviceRequests": [],
        "Sysctls": {},
        "PortBindings": {},
        "NetworkMode": "default",
        "PidMode": "",
        "IpcMode": "",
        "AutoRemove": False,
        "RestartPolicy": {"Name": _restart(pods), "MaximumRetryCount": 0},
    }
    for pod in pods:
        _add_pod(config, part(pod, "spec"), part(pod, "metadata", "annotations"))
    for key in ("CapAdd", "CapDrop", "SecurityOpt"):
        config[key] = list(dict.fromkeys(config[key]))
    return config


def mounts(pods: Sequence[Json]) -> list[Json]:
    """docker's `Mounts` of all these pods together."""
    found: dict[tuple[str, str, str], Json] = {}
    for pod in pods:
        for mount in _mounts(part(pod, "spec")):
            key = (mount["Type"], mount["Source"], mount["Destination"])
            found.setdefault(key, mount)
    return list(found.values())


def _restart(pods: Sequence[Json]) -> str:
    policy = text(pods[0], "spec", "restartPolicy") if pods else ""
    return {"Never": "no", "OnFailure": "on-failure"}.get(policy, "always")


def _containers(spec: Json) -> Iterator[Json]:
    for key in ("containers", "initContainers", "ephemeralContainers"):
        yield from parts(spec, key)


def _add_pod(config: Json, spec: Json, annotations: Mapping[str, Any]) -> None:
    config.update({f"spec.{field}": True for field in spec if field not in _POD_FIELDS})
    config.update({key: "host" for field, key in _HOST_NAMESPACES.items() if spec.get(field)})
    if spec.get("runtimeClassName"):
        config["Runtime"] = str(spec["runtimeClassName"])
    if _has_foreign_account(spec):
        name = text(spec, "serviceAccountName") or text(spec, "serviceAccount")
        config["SecurityOpt"].append(f"service account {name}")
    for name, value in annotations.items():
        if _reaches_the_runtime(name, value):
            config["SecurityOpt"].append(f"annotation {name}")
    _add_security(config, part(spec, "securityContext"), "securityContext")
    _add_resources(config, part(spec, "resources"))
    for container in _containers(spec):
        _add_container(config, container)


def _reaches_the_runtime(name: str, value: object) -> bool:
    if name.startswith(_PROFILE_ANNOTATIONS):
        return value not in _OWN_PROFILES
    return name.startswith(_RUNTIME_ANNOTATIONS)


def _has_foreign_account(spec: Json) -> bool:
    """Whether it can act in the cluster as another account than the namespace's `default`."""
    name = text(spec, "serviceAccountName") or text(spec, "serviceAccount") or "default"
    volumes = parts(spec, "volumes")
    tokens = any(
        "serviceAccountToken" in source
        for volume in volumes
        for source in parts(volume, "projected", "sources")
    )
    secrets = [_TOKEN_SECRET.fullmatch(text(each, "secret", "secretName")) for each in volumes]
    if any(match is not None and match[1] != "default" for match in secrets):
        return True
    if name == "default":
        return False
    return tokens or spec.get("automountServiceAccountToken") is not False


def _add_container(config: Json, container: Json) -> None:
    for field in container:
        if field not in _CONTAINER_FIELDS:
            config[f"container.{field}"] = True
    _add_security(config, part(container, "securityContext"), "securityContext")
    _add_resources(config, part(container, "resources"))
    for device in parts(container, "volumeDevices"):
        config["Devices"].append({"PathInContainer": text(device, "devicePath")})
    for mount in parts(container, "volumeMounts"):
        if text(mount, "mountPropagation") not in ("", "None", "HostToContainer"):
            config["SecurityOpt"].append("mount propagation to the host")
    for port in parts(container, "ports"):
        if port.get("hostPort"):
            key = f"{port.get('containerPort')}/{text(port, 'protocol').lower() or 'tcp'}"
            binding = {"HostIp": text(port, "hostIP"), "HostPort": str(port["hostPort"])}
            config["PortBindings"].setdefault(key, []).append(binding)


def _add_resources(config: Json, resources: Json) -> None:
    """Other resources than a host's ordinary ones are devices."""
    if resources.get("claims"):
        config["DeviceRequests"].append({"Driver": "resource claims"})
    for section in ("limits", "requests"):
        for name in part(resources, section):
            if name not in _ORDINARY_RESOURCES and not name.startswith("hugepages-"):
                config["DeviceRequests"].append({"Driver": name})


def _add_security(config: Json, security: Json, within: str) -> None:
    for field, value in security.items():
        if field not in _HARMLESS_SECURITY | _READ_SECURITY and value:
            config[f"{within}.{field}"] = True
    if security.get("privileged"):
        config["Privileged"] = True
    capabilities = part(security, "capabilities")
    config["CapAdd"] += [str(each) for each in capabilities.get("add") or ()]
    config["CapDrop"] += [str(each) for each in capabilities.get("drop") or ()]
    for each in parts(security, "sysctls"):
        config["Sysctls"][text(each, "name")] = str(each.get("value"))
    if text(security, "procMount") not in ("", "Default"):
        config["MaskedPaths"], config["ReadonlyPaths"] = [], []
    for field, name in (("seccompProfile", "seccomp"), ("appArmorProfile", "apparmor")):
        profile = text(security, field, "type")
        if field in security and security[field] and profile != "RuntimeDefault":
            config["SecurityOpt"].append(f"{name}={profile}")


def _mounts(spec: Json) -> Iterator[Json]:
    volumes = {text(each, "name"): each for each in parts(spec, "volumes")}
    for container in _containers(spec):
        for mount in parts(container, "volumeMounts"):
            volume = volumes.pop(text(mount, "name"), {})
            if volume:
                yield _mount(volume, text(mount, "mountPath"), not mount.get("readOnly"))
    # What no container mounts yet, an ephemeral one may.
    for volume in volumes.values():
        yield _mount(volume, "", True)


def _mount(volume: Json, target: str, writable: bool) -> Json:
    kind, source = _source(volume)
    found = {"Type": kind, "Source": source, "Destination": target, "RW": writable}
    return {**found, "Name": source} if kind == "volume" else found


def _source(volume: Json) -> tuple[str, str]:
    """docker's type of a volume, and where it comes from. Types that docker does not have are
    dangers to the rules, and so is a claim, for what it stands for is not examined."""
    kinds = [key for key in volume if key != "name"]
    kind = kinds[0] if len(kinds) == 1 else "unknown"
    if kind == "persistentVolumeClaim":
        return "volume", text(volume, kind, "claimName")
    if kind == "hostPath":
        return "hostPath", text(volume, kind, "path")
    if kind in (*_INSIDE, "secret"):
        return "tmpfs", ""
    if kind == "projected":
        sources = [key for source in parts(volume, kind, "sources") for key in source]
        known = (*_PROJECTED, "serviceAccountToken")
        return ("tmpfs", "") if all(key in known for key in sources) else ("projected", "")
    return kind, ""
