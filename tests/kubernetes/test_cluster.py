"""The cluster of the tests is a real one: kubectl can do there what contctl is to do."""

import shutil
import subprocess
from pathlib import Path

import pytest

from devtools.kubernetes import metrics
from devtools.kubernetes.access import Access
from tests.requirements import unavailable

BUSY = "timeout 20 sh -c 'while :; do :; done'; sleep 1000"


@pytest.fixture
def kubectl(kubernetes_namespace: str) -> "Kubectl":
    if shutil.which("kubectl") is None:
        unavailable("not installed: kubectl")
    return Kubectl(kubernetes_namespace)


class Kubectl:
    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __call__(
        self, kubeconfig: Path, *args: str, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["kubectl", f"--kubeconfig={kubeconfig}", f"--namespace={self._namespace}", *args],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def test_pods_run_answer_and_end(kubernetes_cluster: Access, kubectl: Kubectl) -> None:
    def done(*args: str, stdin: str = "") -> str:
        result = kubectl(kubernetes_cluster.kubeconfig, *args, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout

    image = ["--image=busybox:latest", "--image-pull-policy=IfNotPresent"]
    done("run", "web", *image, "--", "sh", "-c", "echo hello; exec sleep 1000")
    done("run", "job", *image, "--restart=Never", "--", "sh", "-c", "exit 3")
    done("wait", "--for=condition=Ready", "pod/web", "--timeout=30s")
    assert done("logs", "web") == "hello\n"
    assert done("exec", "-i", "web", "--", "cat", stdin="over\n") == "over\n"
    assert kubectl(kubernetes_cluster.kubeconfig, "exec", "web", "--", "false").returncode == 1
    code = "{.status.containerStatuses[0].state.terminated.exitCode}"
    done("wait", f"--for=jsonpath={code}=3", "pod/job", "--timeout=30s")
    done("delete", "pod", "web", "--force")
    assert done("get", "pods", "--output=name") == "pod/job\n"


def test_metrics_are_those_that_kubelet_took(
    kubernetes_cluster: Access, kubernetes_namespace: str, kubectl: Kubectl
) -> None:
    def top() -> subprocess.CompletedProcess[str]:
        return kubectl(kubernetes_cluster.kubeconfig, "top", "pod", "busy", "--no-headers")

    options = ["--image=busybox:latest", "--image-pull-policy=IfNotPresent", "--", "sh"]
    kubectl(kubernetes_cluster.kubeconfig, "run", "busy", *options, "-c", BUSY)
    with metrics.no_metrics_api(kubernetes_cluster):
        assert top().returncode == 1
    with metrics.metrics_api(kubernetes_cluster):
        metrics.publish(kubernetes_cluster, kubernetes_namespace, "busy")
        name, cpu, memory = top().stdout.split()
    assert (name, cpu.removesuffix("m").isdigit(), memory.endswith("Mi")) == ("busy", True, True)
    assert int(cpu.removesuffix("m")) > 0


def test_users_may_do_what_their_roles_say(
    kubernetes_cluster: Access, kubectl: Kubectl, tmp_path: Path
) -> None:
    reader = kubernetes_cluster.reader_kubeconfig
    assert kubectl(reader, "get", "pods").returncode == 0
    assert (
        'User "reader" cannot list resource "deployments"'
        in kubectl(reader, "get", "deployments").stderr
    )
    stranger = kubernetes_cluster.write_kubeconfig(tmp_path / "stranger", "/CN=stranger")
    assert 'User "stranger" cannot list resource "pods"' in kubectl(stranger, "get", "pods").stderr
    expired = kubernetes_cluster.write_kubeconfig(tmp_path / "old", "/CN=reader", days=-1)
    assert kubectl(expired, "get", "pods").returncode == 1
