"""Fixtures of the tests on a real cluster."""

import pytest

from devtools.kubernetes.access import Access
from tests.kubernetes.bench import Bench


@pytest.fixture
def bench(kubernetes_cluster: Access, kubernetes_namespace: str) -> Bench:
    return Bench(kubernetes_cluster.kubeconfig, kubernetes_namespace)
