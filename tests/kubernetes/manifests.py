"""Manifests as a cluster answers them."""

from typing import Any

Json = dict[str, Any]

CREATED = "2026-01-01T00:00:00Z"
CREATED_AT = 1767225600.0
UID = "0b4e1d3c-9f2a-4b6e-8c7d-1e2f3a4b5c6d"


def pod(*, name: str = "web", spec: Json | None = None, **metadata: object) -> Json:
    """A pod of one container, with `metadata` and fields of its `spec` over the usual ones."""
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": UID,
            "creationTimestamp": CREATED,
            "labels": {"app": "web"},
            **metadata,
        },
        "spec": {"containers": [container()], "restartPolicy": "Always", **(spec or {})},
        "status": {"phase": "Pending"},
    }


def container(**fields: object) -> Json:
    """A container that no rule minds."""
    return {"name": "main", "image": "busybox:latest", "args": ["sleep", "60"], **fields}


def with_state(item: Json, state: Json, *, last: Json | None = None, phase: str = "") -> Json:
    """The pod with a state, and the one before it, of its container."""
    status = {"name": "main", "state": state, "lastState": last or {}, "restartCount": 0}
    return {**item, "status": {"phase": phase, "containerStatuses": [status]}}


def owned(item: Json, kind: str, name: str, uid: str) -> Json:
    """The object with a controller."""
    owner = {"kind": kind, "name": name, "uid": uid, "controller": True}
    return {**item, "metadata": {**item["metadata"], "ownerReferences": [owner]}}
