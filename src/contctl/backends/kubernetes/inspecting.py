"""Pods and workloads in the shape of docker's inspect.

Source: Docker Engine API v1.41, `GET /containers/{id}/json`. The manifest itself is under
`Kubernetes`, without what is the API's own bookkeeping, and without the values of environment
variables: those are under `Config`, where they are hidden from callers who may not see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.host_config import host_config, mounts
from contctl.backends.kubernetes.kinds import REPLICAS, Found, Kind, id_of
from contctl.backends.kubernetes.listing import labels_of, workload_state
from contctl.backends.kubernetes.pods import main, main_status, part, parts, state, text
from contctl.core.domain.engines import cannot

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_NO_TIME = "0001-01-01T00:00:00Z"
_BOOKKEEPING = ("kubectl.kubernetes.io/last-applied-configuration", REPLICAS)
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def inspect(cluster: Cluster, found: Found, size: bool = False) -> Json:
    """A pod, or a workload with what its pods have; as `Engine.inspect`."""
    if size:
        raise cannot("tell sizes", "Kubernetes does not measure what pods write")
    item = cluster.get(found.path)
    pods = cluster.pods(found) if found.kind is not Kind.POD else [item]
    return described(found, item, pods, cluster.clock.now())


def described(found: Found, item: Json, pods: list[Json], now: float) -> Json:
    """item: the object.  pods: those that it has, or itself."""
    if found.kind is Kind.POD:
        model, asked = item, [item]
        status = _pod_state(item, now)
    else:
        template = part(item, "spec", "template")
        metadata = {**part(template, "metadata"), "namespace": found.namespace}
        model = {"metadata": metadata, "spec": part(template, "spec")}
        asked = [model, *pods]
        status = _workload_state(found.kind, item, pods, now)
    chosen, newest = main(model), pods[0] if pods else {}
    command = [str(each) for each in (*(chosen.get("command") or ()), *(chosen.get("args") or ()))]
    counts = [part(main_status(pod)).get("restartCount") for pod in pods]
    return {
        "Id": id_of(text(item, "metadata", "uid")),
        "Created": text(item, "metadata", "creationTimestamp"),
        "Path": command[0] if command else "",
        "Args": command[1:],
        "State": status,
        "Image": text(main_status(newest), "imageID").rpartition("@")[2],
        "Name": f"/{found.name}",
        "RestartCount": sum(each for each in counts if isinstance(each, int)),
        "Platform": "linux",
        "HostConfig": host_config(asked),
        "Mounts": mounts(asked),
        "Config": _config(model, chosen),
        "NetworkSettings": _network(model, newest),
        "Kubernetes": manifest(item),
    }


def _config(model: Json, chosen: Json) -> Json:
    """docker's `Config`."""
    stdin, tty = bool(chosen.get("stdin")), bool(chosen.get("tty"))
    return {
        "Hostname": text(model, "spec", "hostname"),
        "Domainname": text(model, "spec", "subdomain"),
        "User": _user(model, chosen),
        "AttachStdin": stdin,
        "AttachStdout": True,
        "AttachStderr": not tty,
        "Tty": tty,
        "OpenStdin": stdin,
        "StdinOnce": bool(chosen.get("stdinOnce")),
        "Env": [_variable(each) for each in parts(chosen, "env")],
        "Cmd": _texts(chosen.get("args")),
        "Image": text(chosen, "image"),
        "WorkingDir": text(chosen, "workingDir"),
        "Entrypoint": _texts(chosen.get("command")),
        "Labels": labels_of(model),
    }


def _variable(entry: Json) -> str:
    """One that comes from elsewhere has no value here."""
    name = text(entry, "name")
    return name if "valueFrom" in entry else f"{name}={entry.get('value') or ''}"


def _texts(value: Any) -> list[str] | None:
    return [str(each) for each in value] if isinstance(value, list) else None


def _user(model: Json, chosen: Json) -> str:
    for security in (part(chosen, "securityContext"), part(model, "spec", "securityContext")):
        if isinstance(security.get("runAsUser"), int):
            group = security.get("runAsGroup")
            return f"{security['runAsUser']}{f':{group}' if isinstance(group, int) else ''}"
    return ""


def _pod_state(pod: Json, now: float) -> Json:
    found = state(pod, now)
    return _state(found.name, found.exit_code, found.started, found.finished, found.reason)


def _workload_state(kind: Kind, item: Json, pods: list[Json], now: float) -> Json:
    name, _, code = workload_state(kind, item, pods)
    newest = state(pods[0], now) if pods else None
    started, finished = (newest.started, newest.finished) if newest else ("", "")
    return _state(name, code or 0, started, finished, newest.reason if newest else "")


def _state(name: str, code: int, started: str, finished: str, reason: str) -> Json:
    return {
        "Status": name,
        "Running": name == "running",
        "Paused": False,
        "Restarting": name == "restarting",
        "OOMKilled": reason == "OOMKilled",
        "Dead": False,
        "Pid": 0,
        "ExitCode": code,
        "Error": "" if reason in ("Completed", "Error") else reason,
        "StartedAt": started or _NO_TIME,
        "FinishedAt": finished or _NO_TIME,
    }


def _network(model: Json, pod: Json) -> Json:
    address = text(pod, "status", "podIP")
    ports: Json = {}
    for container in parts(model, "spec", "containers"):
        for port in parts(container, "ports"):
            key = f"{port.get('containerPort')}/{text(port, 'protocol').lower() or 'tcp'}"
            host = port.get("hostPort")
            binding = {"HostIp": text(port, "hostIP"), "HostPort": str(host)}
            ports[key] = [binding] if host else None
    network = "host" if part(model, "spec").get("hostNetwork") else "default"
    return {
        "IPAddress": address,
        "Ports": ports,
        "Networks": {network: {"IPAddress": address}},
    }


def manifest(item: Json) -> Json:
    """The object as people write it."""
    metadata = {k: v for k, v in part(item, "metadata").items() if k != "managedFields"}
    if isinstance(metadata.get("annotations"), dict):
        metadata["annotations"] = _public(metadata["annotations"])
    if isinstance(metadata.get("labels"), dict):
        metadata["labels"] = _public(metadata["labels"])
    spec = dict(part(item, "spec"))
    if isinstance(spec.get("template"), dict):
        spec["template"] = manifest(spec["template"])
    for key in _CONTAINERS:
        if key in spec:
            spec[key] = [_without_values(each) for each in parts(spec, key)]
    return {**item, "metadata": metadata, "spec": spec}


def _public(texts: Json) -> Json:
    return {
        key: value
        for key, value in texts.items()
        if key not in _BOOKKEEPING and not key.startswith("contctl.")
    }


def _without_values(container: Json) -> Json:
    if "env" not in container:
        return container
    hidden = [
        {**each, "value": "***"} if "value" in each else each for each in parts(container, "env")
    ]
    return {**container, "env": hidden}
