"""Podman's answers about one container, as Docker gives them.

Source: podman v4.3, `pkg/api/handlers/compat/containers.go` (LibpodToContainerJSON) and
`libpod/define/container_inspect.go`.
"""

import signal
from contextlib import suppress
from typing import Any

from contctl.backends.docker.errors import of_container, understanding
from contctl.backends.docker.listing import inspect as inspect_compatible
from contctl.backends.docker.transport import Transport, container_path
from contctl.backends.podman.disclosing import LABEL, disclose
from contctl.backends.podman.names import familiar
from contctl.backends.podman.transport import NATIVE
from contctl.core.domain.containers import Json
from contctl.core.domain.field_rules import EngineDefaults
from contctl.core.errors import ContctlError, ErrorCode

_USUAL_OPTIONS = frozenset({"rbind", "bind", "nosuid", "nodev", "noexec"})
"""Options of mounts that Podman adds, and that take from what is mounted, or say how."""


def inspect(http: Transport, container_id: str, size: bool = False) -> Json:
    """As `Engine.inspect`."""
    answer = inspect_compatible(http, container_id, size)
    native = http.ask(
        NATIVE + container_path(container_id, "json"), refuse=of_container(container_id)
    )
    with understanding(http.endpoint):
        if not size:
            answer.pop("SizeRootFs", None)
        _correct_config(answer["Config"])
        _correct_host(answer["HostConfig"], native)
        if not (answer["State"].get("Health") or {}).get("Status"):
            answer["State"].pop("Health", None)
        labels = answer["Config"].get("Labels") or {}
        disclose(answer, _image_labels(http, answer["Image"]) if LABEL in labels else None)
    return answer


def defaults(http: Transport) -> EngineDefaults:
    """As `Engine.defaults`."""
    answer = http.ask("/info")
    with understanding(http.endpoint):
        return EngineDefaults(
            # containers.conf(5), cgroupns.
            private_cgroups=str(answer["CgroupVersion"]) == "2",
            log_driver=str(answer["LoggingDriver"]),
            runtime=str(answer["DefaultRuntime"]),
        )


def _image_labels(http: Transport, image_id: str) -> Json | None:
    try:
        answer = http.ask(f"/images/{image_id}/json")
    except ContctlError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return None
        raise
    labels: Json = (answer.get("Config") or {}).get("Labels") or {}
    return labels


def _correct_config(config: dict[str, Any]) -> None:
    config["Image"] = familiar(config["Image"])
    if not config.get("StopTimeout"):
        config.pop("StopTimeout", None)  # Podman's word for none asked for
    number = str(config.get("StopSignal") or "")
    with suppress(ValueError):
        config["StopSignal"] = signal.Signals(int(number)).name


def _correct_host(host_config: dict[str, Any], native: Json) -> None:
    host_config["Runtime"] = native["OCIRuntime"]
    host_config["CgroupnsMode"] = native["HostConfig"].get("CgroupMode") or ""
    host_config["Binds"] = [_without_usual(bind) for bind in host_config.get("Binds") or ()]
    policy = host_config.get("RestartPolicy") or {}
    host_config["RestartPolicy"] = {**policy, "Name": policy.get("Name") or "no"}
    for limit in host_config.get("Ulimits") or ():
        limit["Name"] = limit["Name"].removeprefix("RLIMIT_").lower()


def _without_usual(bind: str) -> str:
    source, target, *options = bind.split(":", 2)
    kept = [option for option in ",".join(options).split(",") if option not in _USUAL_OPTIONS]
    return ":".join((source, target, ",".join(kept))) if any(kept) else f"{source}:{target}"
