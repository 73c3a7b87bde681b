"""Pods and workloads of a private Kubernetes cluster, for runs in turns with kubectl."""

from typing import Any

from devtools.bench_runs import Command, Comparison, Environ, compare, into_pipe
from devtools.kubernetes.access import Access

PODS = 500
WORKLOADS = 20
LISTED, RESTARTED = "listed", "restarted"
"""Namespaces, and contctl's contexts for them."""


def fill(cluster: Access, image: str) -> None:
    """Make PODS pods that never run, and WORKLOADS Deployments of one pod that does."""
    for namespace in (LISTED, RESTARTED):
        cluster.make_namespace(namespace)
    for number in range(PODS):
        pod = {
            "metadata": {"name": f"pod-{number}"},
            "spec": {**_spec(image), "nodeSelector": {"no": "where"}},
        }
        cluster.api.request("POST", f"/api/v1/namespaces/{LISTED}/pods", pod)
    for name in names():
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": _spec(image)}
        body = {
            "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }
        path = f"/apis/apps/v1/namespaces/{RESTARTED}/deployments"
        cluster.api.request("POST", path, body)


def names() -> tuple[str, ...]:
    """Of the workloads."""
    return tuple(f"work-{number}" for number in range(WORKLOADS))


def listing(contctl: str, kubectl: str, environ: Environ, pairs: int) -> Comparison:
    """`contctl ps -a` of the pods against `kubectl get pods -o json`."""
    ours = (contctl, "--context", LISTED, "ps", "-a")
    theirs = (kubectl, "--namespace", LISTED, "get", "pods", "-o", "json")
    return compare(into_pipe, ours, theirs, environ, pairs, warm_up=1)


def restarts(contctl: str, environ: Environ, pairs: int) -> Comparison:
    """A restart of all workloads against that of one."""
    restart: Command = (contctl, "--context", RESTARTED, "restart")
    every, one = (*restart, *names()), (*restart, names()[0])
    return compare(into_pipe, every, one, environ, pairs, warm_up=1)


def _spec(image: str) -> dict[str, Any]:
    main = {
        "name": "main",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "86400"],
    }
    return {"containers": [main], "terminationGracePeriodSeconds": 0}
