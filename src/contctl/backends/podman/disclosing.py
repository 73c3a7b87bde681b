"""What Podman does not tell about a container, kept in a label of contctl's own.

Podman's inspections leave out sysctls, rules for devices, unmasked paths, and whether a container
is in the host's IPC namespace (podman v4.3, `libpod/container_inspect.go`: they say `shareable` of
that one, too). So a create writes what was asked for into a label, which an inspection reads; of
containers that others have made it says that the IPC namespace is unknown, which is a danger.
"""

import json

from contctl.core.domain.containers import RESERVED_LABELS, Json
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.create_request import create_request
from contctl.core.domain.engines import cannot

LABEL = f"{RESERVED_LABELS}podman"
_UNTOLD = ("IpcMode", "Sysctls", "DeviceCgroupRules", "UsernsMode", "SecurityOpt")
_IGNORED = {
    "DeviceRequests": "request devices such as GPUs",
    "Runtime": "choose a runtime for one container",
    "MaskedPaths": "unmask system paths",
}
"""What Podman's Docker-compatible create drops in silence, by Docker's field."""


def label_of(spec: CreateSpec) -> str:
    """The label's value for a container of `spec`; ContctlError UNSUPPORTED for what Podman would
    not do and not say so."""
    asked = create_request(spec)["HostConfig"]
    for field, what in _IGNORED.items():
        if asked.get(field) or (field == "MaskedPaths" and asked.get(field) is not None):
            raise cannot(what, "Podman's Docker-compatible API takes no notice of it")
    told = {field: asked[field] for field in _UNTOLD if asked.get(field)}
    return json.dumps(told, sort_keys=True)


def disclose(inspected: Json, image_labels: Json | None) -> None:
    """Put into `inspected` what its label says. image_labels: its image's, None for unknown ones; a
    label that comes from the image says nothing."""
    value = (inspected["Config"].get("Labels") or {}).pop(LABEL, None)
    host_config = inspected["HostConfig"]
    told = _parsed(value) if image_labels is not None and not image_labels.get(LABEL) else None
    if told is not None:
        host_config.update({field: told[field] for field in _UNTOLD if field in told})
    elif host_config.get("IpcMode") in ("", "shareable"):
        host_config["IpcMode"] = "unknown"


def _parsed(value: object) -> Json | None:
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
