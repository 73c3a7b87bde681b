"""The objects that a container to make becomes: a Deployment, a Job or a Pod.

Source: Kubernetes API reference, PodSpec, DeploymentSpec, JobSpec; "Define Dependent Environment
Variables" (a doubled dollar sign is one).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.kinds import REPLICAS, Kind
from contctl.backends.kubernetes.naming import check_labels, check_name, new_name, numbers
from contctl.backends.kubernetes.refusing import refuse_what_is_left
from contctl.core.domain.containers import REQUEST_LABEL, Json
from contctl.core.domain.engines import cannot
from contctl.core.domain.networking import DEFAULT
from contctl.core.domain.privileges import Privileges, capabilities
from contctl.core.domain.resources import Resources
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.core.domain.create import CreateSpec, Health

FRESH = "contctl.fresh"
"""The annotation of a Pod or Job that runs since it was made, and was not started yet."""

_KINDS = {
    "": Kind.DEPLOYMENT,
    "always": Kind.DEPLOYMENT,
    "unless-stopped": Kind.DEPLOYMENT,
    "on-failure": Kind.JOB,
    "no": Kind.POD,
}
_WITHOUT_END = 2**31 - 1
_HISTORY = 2
_MILLION = 1_000_000


def kind_of(spec: CreateSpec) -> Kind:
    """What `spec` becomes: a Deployment unless another restart policy was asked for."""
    name = spec.restart.name if spec.restart else ""
    if name not in _KINDS:
        raise ContctlError(ErrorCode.USAGE, f"invalid restart policy: unknown policy '{name}'")
    return _KINDS[name]


def manifest(spec: CreateSpec, request: str) -> Json:
    """The object to make, labelled with `request`. USAGE for what a cluster does not take,
    UNSUPPORTED for what it does not have."""
    kind = kind_of(spec)
    check_labels({**spec.labels, REQUEST_LABEL: request})
    refuse_what_is_left(_without_what_has_a_meaning(spec))
    name = check_name(spec.name) if spec.name else new_name(spec.image)
    labels = {**spec.labels, REQUEST_LABEL: request}
    pod = {"metadata": {"labels": labels}, "spec": _pod(spec, kind)}
    head = {"apiVersion": kind.version, "kind": kind.title}
    metadata: Json = {"name": name, "labels": labels}
    if kind is Kind.POD:
        metadata["annotations"] = {FRESH: "true"}
        return {**head, "metadata": metadata, "spec": pod["spec"]}
    if kind is Kind.JOB:
        metadata["annotations"] = {FRESH: "true"}
        return {**head, "metadata": metadata, "spec": _job(spec, pod)}
    metadata["annotations"] = {REPLICAS: "1"}
    return {**head, "metadata": metadata, "spec": _deployment(request, pod)}


def _deployment(request: str, pod: Json) -> Json:
    return {
        "replicas": 0,
        "revisionHistoryLimit": _HISTORY,
        "selector": {"matchLabels": {REQUEST_LABEL: request}},
        "template": pod,
    }


def _job(spec: CreateSpec, pod: Json) -> Json:
    retries = spec.restart.retries if spec.restart else 0
    return {"backoffLimit": retries or _WITHOUT_END, "template": pod}


def _pod(spec: CreateSpec, kind: Kind) -> Json:
    made: Json = {
        "containers": [_container(spec)],
        "restartPolicy": "Always" if kind is Kind.DEPLOYMENT else "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }
    optional: Json = {
        "volumes": [volume for volume, _ in _volumes(spec)],
        "hostname": spec.hostname,
        "hostNetwork": spec.network == "host",
        "hostPID": _is_host(spec.privileges.pid, "--pid"),
        "hostIPC": _is_host(spec.privileges.ipc, "--ipc"),
    }
    groups = [number for each in spec.privileges.groups for number in numbers(each)]
    if groups:
        optional["securityContext"] = {"supplementalGroups": groups}
    if spec.stop_timeout is not None:
        if spec.stop_timeout < 0:
            raise cannot("wait without an end (--stop-timeout)", "pods are killed at last")
        made["terminationGracePeriodSeconds"] = spec.stop_timeout
    return made | _set(optional)


def _container(spec: CreateSpec) -> Json:
    command, args = _command(spec)
    return {"name": "main", "image": spec.image, "imagePullPolicy": "IfNotPresent"} | _set(
        {
            "command": [_literal(each) for each in command],
            "args": [_literal(each) for each in args],
            "env": [_variable(each) for each in spec.env],
            "workingDir": spec.workdir,
            "ports": [_exposed(each) for each in spec.networking.expose],
            "resources": _resources(spec.resources),
            "volumeMounts": [mount for _, mount in _volumes(spec)],
            "securityContext": _security(spec),
            "tty": spec.tty,
            "stdin": spec.stdin,
            "stdinOnce": spec.stdin and "stdin" in spec.joined,
        }
    )


def _command(spec: CreateSpec) -> tuple[list[str], list[str]]:
    """Kubernetes' command and args: docker's entrypoint and command."""
    if spec.entrypoint is None:
        return [], list(spec.command)
    if spec.entrypoint:
        return [spec.entrypoint], list(spec.command)
    if not spec.command:
        raise ContctlError(ErrorCode.USAGE, "without the image's entrypoint a command is needed")
    return list(spec.command), []


def _literal(text: str) -> str:
    return text.replace("$", "$$")


def _variable(entry: str) -> Json:
    name, equals, value = entry.partition("=")
    if not equals:
        raise cannot(f"unset the variable {name} of the image", "pods can only set variables")
    return {"name": name, "value": _literal(value)}


def _exposed(text: str) -> Json:
    port, _, protocol = text.partition("/")
    return {"containerPort": int(port), "protocol": protocol.upper() or "TCP"}


def _resources(resources: Resources) -> Json:
    cpu, memory = resources.nano_cpus, resources.memory
    if cpu % _MILLION:
        raise cannot("give that share of a CPU", "the smallest is a thousandth")
    limits = _set(
        {"memory": str(memory) if memory else "", "cpu": f"{cpu // _MILLION}m" * bool(cpu)}
    )
    reserved = resources.memory_reservation
    return _set({"limits": limits, "requests": {"memory": str(reserved)} if reserved else {}})


def _security(spec: CreateSpec) -> Json:
    asked = spec.privileges
    made = _set(
        {
            "privileged": asked.privileged,
            "readOnlyRootFilesystem": spec.storage.read_only,
            "capabilities": _set({"add": _names(asked.add), "drop": _names(asked.drop)}),
        }
    )
    if spec.user:
        ids = numbers(spec.user)
        made |= dict(zip(("runAsUser", "runAsGroup"), ids, strict=False))
    for option in asked.security:
        if option not in ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"):
            raise cannot(f"take --security-opt {option}", "pods have other security settings")
        made["allowPrivilegeEscalation"] = False
    return made


def _names(given: tuple[str, ...]) -> list[str]:
    return [name.removeprefix("CAP_") for name in capabilities(given)]


def _volumes(spec: CreateSpec) -> list[tuple[Json, Json]]:
    """Empty folders and such in memory: each as a volume, and as it is mounted."""
    storage = spec.storage
    found: list[tuple[str, Json]] = [(target, {}) for target in storage.volumes]
    found += [(target, _in_memory(options)) for target, options in storage.tmpfs.items()]
    return [
        (
            {"name": f"volume-{number}", "emptyDir": source},
            {"name": f"volume-{number}", "mountPath": target},
        )
        for number, (target, source) in enumerate(found)
    ]


def _in_memory(options: str) -> Json:
    made: Json = {"medium": "Memory"}
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        if key != "size" or not value.rstrip("kmgKMG").isdigit():
            raise cannot(f"mount a tmpfs with {option}", "a pod's has a size and nothing else")
        number, unit = value.rstrip("kmgKMG"), value.lstrip("0123456789")
        made["sizeLimit"] = number + (f"{unit.capitalize()}i" if unit else "")
    return made


def _is_host(mode: str, flag: str) -> bool:
    if mode not in ("", "host", "private"):
        raise cannot(f"take {flag} {mode}", "a pod has its own, or its node's")
    return mode == "host"


def _health(health: Health | None) -> Health | None:
    return None if health and health.test == ("NONE",) else health


def _without_what_has_a_meaning(spec: CreateSpec) -> CreateSpec:
    """`spec`, with everything that `manifest` says put back to what is usual."""
    storage, networking, resources = spec.storage, spec.networking, spec.resources
    return replace(
        spec,
        image="",
        command=(),
        name=None,
        entrypoint=None,
        env=(),
        labels={},
        workdir=None,
        user=None,
        network=None if spec.network in (DEFAULT, "host") else spec.network,
        stdin=False,
        tty=False,
        attach=None,
        hostname=None,
        stop_timeout=None,
        init=spec.init or None,
        cidfile=None,
        health=_health(spec.health),
        restart=None,
        resources=replace(resources, nano_cpus=0, memory=0, memory_reservation=0),
        storage=replace(storage, volumes=(), tmpfs={}, read_only=False),
        networking=replace(networking, expose=()),
        privileges=_other_privileges(spec.privileges),
    )


def _other_privileges(asked: Privileges) -> Privileges:
    return replace(asked, privileged=False, add=(), drop=(), security=(), groups=(), pid="", ipc="")


def _set(fields: dict[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value}
