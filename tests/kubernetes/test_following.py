"""What the pods of a workload write, followed while things change, on a real cluster."""

import os
import threading
from collections.abc import Iterable, Iterator

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.kubernetes import following
from contctl.backends.kubernetes.body import complete_lines
from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.backends.kubernetes.pods import is_leaving
from contctl.core.domain.containers import Json
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.streams import LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from devtools.kubernetes.access import Access
from tests.bounded import closing_after, eventually
from tests.kubernetes.bench import IMAGE, Bench

SAYING = "trap 'exit 0' TERM; echo I am $(hostname); while :; do sleep 0.05; done"
FOLLOW = LogOptions(follow=True)


def _names(bench: Bench, found: Found) -> list[str]:
    return [pod["metadata"]["name"] for pod in bench.cluster.pods(found)]


def _scale(bench: Bench, found: Found, count: int) -> None:
    bench.cluster.patch(found.path, {"spec": {"replicas": count}}, "merge")


def _said(lines: Iterable[bytes]) -> Iterator[str]:
    """Who speaks. Of a log whose pod is gone a kubelet may say so, in the log."""
    for line in lines:
        if b"I am " in line:
            yield line.split()[-1].decode()


class _FailingLists(Cluster):
    """A real cluster that cannot be reached for some of the lists of pods."""

    failures = 0

    def pods_like(self, found: Found) -> list[Json]:
        if self.failures:
            self.failures -= 1
            raise ContctlError(ErrorCode.UNAVAILABLE, "the cluster cannot be reached: a test")
        return super().pods_like(found)


@pytest.fixture
def failing(kubernetes_cluster: Access, kubernetes_namespace: str) -> _FailingLists:
    address = EngineAddress(EngineKind.KUBERNETES, namespace=kubernetes_namespace)
    environ = {"KUBECONFIG": str(kubernetes_cluster.kubeconfig), "PATH": os.environ["PATH"]}
    return _FailingLists(address, environ, SystemClock())


def test_pods_of_other_labels_are_not_joined(bench: Bench) -> None:
    spec = CreateSpec(IMAGE, ("sh", "-c", SAYING), name="web", labels={"team": "a"})
    made = bench.engine.create(spec, "r").id
    bench.engine.start(made)
    found = bench.cluster.found(made)
    (before,) = _names(bench, found)
    with closing_after(bench.engine.logs(made, FOLLOW), 60) as stream:
        assert next(stream).output.data == f"I am {before}\n".encode()
        labels = {"spec": {"template": {"metadata": {"labels": {"team": "b"}}}}}
        bench.cluster.patch(found.path, labels)
        eventually(lambda: before not in _names(bench, found), "it is replaced", 60)
        threading.Timer(3 * following._SECONDS, lambda: _scale(bench, found, 0)).start()
        assert list(_said(chunk.output.data for chunk in stream)) == []


@pytest.mark.parametrize("failures", [3, following._PATIENCE + 1])
def test_lists_that_fail_for_a_while(bench: Bench, failing: _FailingLists, failures: int) -> None:
    found = bench.cluster.found(bench.run(SAYING, "web"))
    (first,) = _names(bench, found)
    with closing_after(following.followed(failing, found, FOLLOW), 120) as stream:
        said = _said(stream)
        assert next(said) == first
        failing.failures = failures
        _scale(bench, found, 2)
        if failures > following._PATIENCE:
            with pytest.raises(ContctlError, match="cannot be reached"):
                list(said)
            return
        assert {first, next(said)} == {*_names(bench, found)}
        _scale(bench, found, 0)
        assert list(said) == []


def test_pods_for_which_there_is_no_room_yet_come_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_PODS", 2)
    made = bench.run(SAYING, "web")
    found = bench.cluster.found(made)
    with closing_after(bench.engine.logs(made, FOLLOW), 120) as stream:
        said = _said(chunk.output.data for chunk in stream)
        first = next(said)
        _scale(bench, found, 3)
        eventually(lambda: len(_names(bench, found)) == 3, "there are three", 60)
        second = next(said)
        (waiting,) = {*_names(bench, found)} - {first, second}
        # None is left but the one that waited, and what comes in the place of the two.
        for name in (first, second):
            bench.cluster.delete(Kind.POD.path(found.namespace, name))
        later = {next(said), next(said)}
        assert waiting in later
        assert not later & {first, second}


def test_too_many_pods_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench.run(SAYING, "web")
    monkeypatch.setattr(following, "MOST_PODS", 0)
    with pytest.raises(ContctlError) as caught:
        bench.engine.logs(made, FOLLOW)
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_pods_that_are_being_deleted_come_last(bench: Bench) -> None:
    found = bench.cluster.found(bench.run(SAYING, "web"))
    _scale(bench, found, 3)
    eventually(lambda: len(_names(bench, found)) == 3, "there are three", 60)
    newest = bench.cluster.pods(found)[0]
    path = Kind.POD.path(found.namespace, newest["metadata"]["name"])
    held: Json = {"metadata": {"finalizers": ["contctl.test/held"]}}
    bench.cluster.patch(path, held)
    try:
        bench.cluster.delete(path)
        eventually(lambda: len(_names(bench, found)) == 4, "another takes its place", 60)
        pods = bench.cluster.pods(found)
        assert [is_leaving(pod) for pod in pods] == [False, False, False, True]
        assert pods[-1]["metadata"]["uid"] == newest["metadata"]["uid"]
    finally:
        bench.cluster.patch(path, {"metadata": {"finalizers": None}}, "merge")


def test_a_line_without_an_end_is_given_in_parts() -> None:
    pieces = [b"a\nb", b"c" * 10, b"d" * 10, b"\nlast"]
    whole = b"".join(pieces)
    assert list(complete_lines(pieces)) == [b"a\n", b"b" + b"c" * 10 + b"d" * 10 + b"\n", b"last"]
    for longest in (1, 5, 10, 15):
        parts = list(complete_lines(pieces, longest))
        assert b"".join(parts) == whole
        assert max(map(len, parts)) <= longest + max(map(len, pieces))
    assert list(complete_lines([b"x" * 3] * 4, 5)) == [b"x" * 6, b"x" * 6]
