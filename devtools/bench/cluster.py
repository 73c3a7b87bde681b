"""Pods and workloads of a private Kubernetes cluster, for runs in turns with kubectl."""

import shutil
from dataclasses import replace
from typing import Any

from devtools.bench.place import CONTCTL, Place
from devtools.bench.works import Goal, Result, Work, measured
from devtools.kubernetes import cluster
from devtools.kubernetes.access import Access

PODS = 500
WORKLOADS = 20
LISTED, RESTARTED = "listed", "restarted"
"""Namespaces, and contctl's contexts for them."""
_IMAGE = "busybox:latest"


def results(place: Place, pairs: int) -> list[Result]:
    """The comparisons on a cluster of their own. RuntimeError where it cannot be had."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise RuntimeError("not installed: kubectl, to compare with")
    if reason := cluster.missing():
        raise RuntimeError(reason)
    list_all = (CONTCTL, "--context", LISTED, "ps", "-a")
    get_all = (kubectl, "--namespace", LISTED, "get", "pods", "-o", "json")
    restart = (CONTCTL, "--context", RESTARTED, "restart")
    works = (
        Work(f"ps -a, {PODS} pods", "kubectl get pods -o json", list_all, get_all, Goal(2)),
        Work(
            f"restart, {WORKLOADS} workloads",
            "of one",
            (*restart, *_names()),
            (*restart, _names()[0]),
            Goal(WORKLOADS / 2),
        ),
    )
    with cluster.PrivateCluster() as private:
        _fill(private)
        for name in (LISTED, RESTARTED):
            place.run(CONTCTL, "context", "create", name, "--kubernetes", "--namespace", name)
        there = replace(place, environ={**place.environ, "KUBECONFIG": str(private.kubeconfig)})
        return [measured(there, work, pairs, warm_up=1) for work in works]


def _fill(private: Access) -> None:
    """Make PODS pods that never run, and WORKLOADS Deployments of one pod that does."""
    for namespace in (LISTED, RESTARTED):
        private.make_namespace(namespace)
    for number in range(PODS):
        pod = {
            "metadata": {"name": f"pod-{number}"},
            "spec": {**_spec(), "nodeSelector": {"no": "where"}},
        }
        private.api.request("POST", f"/api/v1/namespaces/{LISTED}/pods", pod)
    for name in _names():
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": _spec()}
        body = {
            "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }
        path = f"/apis/apps/v1/namespaces/{RESTARTED}/deployments"
        private.api.request("POST", path, body)


def _names() -> tuple[str, ...]:
    """Of the workloads."""
    return tuple(f"work-{number}" for number in range(WORKLOADS))


def _spec() -> dict[str, Any]:
    main = {
        "name": "main",
        "image": _IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "86400"],
    }
    return {"containers": [main], "terminationGracePeriodSeconds": 0}
