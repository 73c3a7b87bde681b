"""Labels that something in a namespace selects pods by: it would take a new pod with them for its
own.

Source: Kubernetes documentation, "Labels and Selectors"; "ReplicaSet", non-template pod
acquisitions; "Service", defining a Service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import WORKLOADS, Kind
from contctl.backends.kubernetes.pods import part, parts, text
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_BY_LABELS = ("services", "replicationcontrollers")
"""Resources whose selectors are labels and nothing else, so that none selects what has none."""


def refuse_selected(cluster: Cluster, given: Mapping[str, str], labels: Mapping[str, str]) -> None:
    """CONFLICT where a workload or a Service of the namespace selects pods with `labels`. given:
    those of them that the caller chose. Nothing is named, for it may be out of the caller's scope.
    """
    for kind in (*WORKLOADS, Kind.REPLICA_SET):
        for each in cluster.items(kind.path(cluster.namespace)):
            if _selects(part(each, "spec", "selector"), labels):
                raise _selected()
    for resource in _BY_LABELS if given else ():
        core = Kind.POD.path(cluster.namespace).removesuffix(Kind.POD.resource)
        for each in cluster.items(core + resource):
            if _selects({"matchLabels": part(each, "spec", "selector")}, labels):
                raise _selected()


def _selects(selector: Json, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector with any term selects what has `labels`."""
    wanted, terms = part(selector, "matchLabels"), parts(selector, "matchExpressions")
    if not wanted and not terms:
        return False
    return wanted.items() <= labels.items() and all(_holds(each, labels) for each in terms)


def _holds(term: Json, labels: Mapping[str, str]) -> bool:
    key, values = text(term, "key"), term.get("values") or ()
    return {
        "In": key in labels and labels[key] in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(text(term, "operator"), False)


def _selected() -> ContctlError:
    return ContctlError(
        ErrorCode.CONFLICT,
        "a workload or Service of the namespace selects pods by these labels,"
        " and would take the new one for its own",
        hint="choose other labels",
    )
