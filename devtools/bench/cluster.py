"""Pods and workloads of a private Kubernetes cluster, for runs in turns with kubectl."""

import shutil
from typing import Any

from devtools.bench.place import CONTCTL, Place
from devtools.bench.runs import Comparison, Environ, compare, into_pipe
from devtools.bench.works import Result, Work
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
    with cluster.PrivateCluster() as private:
        _fill(private)
        for name in (LISTED, RESTARTED):
            place.run(CONTCTL, "context", "create", name, "--kubernetes", "--namespace", name)
        environ = {**place.environ, "KUBECONFIG": str(private.kubeconfig)}
        place.log_in_again()
        pods = _listing(kubectl, environ, pairs)
        restarts = _restarts(environ, pairs)
    return [
        (Work(f"contctl ps -a, {PODS} pods", "kubectl get pods -o json", limit=2), pods),
        (
            Work(f"contctl restart, {WORKLOADS} workloads", "of one", limit=WORKLOADS / 2),
            restarts,
        ),
    ]


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


def _listing(kubectl: str, environ: Environ, pairs: int) -> Comparison:
    """`contctl ps -a` of the pods against `kubectl get pods -o json`."""
    ours = (CONTCTL, "--context", LISTED, "ps", "-a")
    theirs = (kubectl, "--namespace", LISTED, "get", "pods", "-o", "json")
    return compare(into_pipe, ours, theirs, environ, pairs, warm_up=1)


def _restarts(environ: Environ, pairs: int) -> Comparison:
    """A restart of all workloads against that of one."""
    restart = (CONTCTL, "--context", RESTARTED, "restart")
    every, one = (*restart, *_names()), (*restart, _names()[0])
    return compare(into_pipe, every, one, environ, pairs, warm_up=1)


def _spec() -> dict[str, Any]:
    main = {
        "name": "main",
        "image": _IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "86400"],
    }
    return {"containers": [main], "terminationGracePeriodSeconds": 0}
