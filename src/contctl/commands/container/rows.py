"""A container as docker's listing shows it: the fields of `--format`."""

import json

from contctl.commands.container.ports import shown_ports
from contctl.commands.output.template.values import NIL_POINTER, Method, Row
from contctl.commands.output.times import ago, engine_time, size
from contctl.core.domain.containers import Container, public_labels

HEADINGS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "CreatedAt": "CREATED AT",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "State": "STATE",
    "Ports": "PORTS",
    "Names": "NAMES",
    "Labels": "LABELS",
    "Mounts": "MOUNTS",
    "LocalVolumes": "LOCAL VOLUMES",
    "Networks": "NETWORKS",
    "Platform": "PLATFORM",
    "Size": "SIZE",
    "Workload": "WORKLOAD",
}
_ID = 12
_COMMAND = 20
_MOUNT = 15


def row_of(container: Container, now: float, *, truncated: bool) -> Row:
    """Docker's fields in its order, as text. now: seconds since the epoch, for the age."""
    labels = public_labels(container.labels)
    names = sorted(name for name in container.names if not truncated or "/" not in name)
    mounts = container.mounts
    fields = {
        "Command": json.dumps(
            _cut(container.command, _COMMAND) if truncated else container.command,
            ensure_ascii=False,
        ),
        "CreatedAt": engine_time(container.created),
        "ID": container.id[:_ID] if truncated else container.id,
        "Image": _image(container, truncated=truncated),
        "Labels": ",".join(f"{key}={labels[key]}" for key in sorted(labels)),
        "LocalVolumes": str(container.local_volumes),
        "Mounts": ",".join(_cut(mount, _MOUNT) if truncated else mount for mount in mounts),
        "Names": ",".join(names),
        "Networks": ",".join(container.networks),
        # Engines before 28 do not tell it.
        "Platform": NIL_POINTER,
        "Ports": shown_ports(container.ports),
        "RunningFor": ago(now - container.created),
        "Size": _size(container),
        "State": container.state,
        "Status": container.status,
    }
    # Docker's own keys alone on an engine that has no workloads.
    own = {**fields, "Workload": container.workload} if container.workload else fields
    methods = {"Workload": container.workload, "Label": Method(lambda key: labels.get(key, ""))}
    return Row({**fields, **methods}, own)


def _image(container: Container, *, truncated: bool) -> str:
    if container.image and truncated and container.image == container.image_id:
        return container.image.removeprefix("sha256:")[:_ID]
    return container.image or "<no image>"


def _size(container: Container) -> str:
    shown = size(container.size or 0)
    if container.virtual_size:
        return f"{shown} (virtual {size(container.virtual_size)})"
    return shown


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
