"""`make bench`: contctl against docker and against the bare interpreter, in turns on this machine,
and a gateway under the load of many clients, killed and not.

It asserts ratios only, never times, and removes all that it made.
"""

import argparse
import compileall
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import contctl
from devtools import bench_cluster, bench_many, images
from devtools.bench_runs import (
    Command,
    Comparison,
    Measure,
    compare,
    into_pipe,
    on_terminal,
    peak_memory,
)
from devtools.engine import PrivateEngine, missing
from devtools.gateway import PrivateGateway
from devtools.kubernetes import cluster
from devtools.load import Crowd, crowd
from devtools.secret_service import SecretService, SecretServiceUnavailable

LIMIT = 15.0
GATEWAY_LIMIT = 10.0
COMPLETION_LIMIT = 12.0
KILLS = 3
_CONTAINERS = 10
_CONTCTL = str(Path(sys.executable).with_name("contctl"))
_AT_GATEWAY = (_CONTCTL, "--context", "bench")
_IMAGE = "contctl-bench:latest"
_PASSWORD = b"correct horse battery staple"
_HEADINGS = ("work", "against", "contctl", "other", "ratio", "limit", "")


@dataclass(frozen=True)
class Work:
    """One comparison. limit: of the ratio, None where there is none to keep."""

    name: str
    against: str
    ours: Command
    theirs: Command
    measure: Measure = into_pipe
    unit: str = "ms"
    limit: float | None = LIMIT


@dataclass(frozen=True)
class Bench:
    """What is there to be measured: the docker program, its engine's address, and the environment
    of all runs."""

    docker: str
    engine: str
    environ: Mapping[str, str]

    def run(self, *command: str, stdin: bytes = b"", seconds: float = 60) -> str:
        """Run a command of the preparations; its output, or RuntimeError."""
        done = subprocess.run(
            command, env=self.environ, input=stdin, capture_output=True, check=False,
            timeout=seconds,
        )  # fmt: skip
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().replace("\n", " | ")
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {said}")
        return done.stdout.decode()

    def long_works(self, pairs: int) -> list[tuple[Work, Comparison]]:
        """The comparisons on many containers and a long log, each of which takes its time."""
        log = bench_many.write_log(self.run, self.docker, _IMAGE)
        fleet = bench_many.make_crowd(self.engine, _IMAGE)
        count, lines = len(fleet), f"{bench_many.LINES:,} lines"
        dockers = (self.docker, "logs", log)
        works = (
            Work(
                f"contctl logs, {lines}", "docker logs", (_CONTCTL, "logs", log), dockers, limit=1
            ),
            Work(
                f"contctl logs, {lines}, gateway",
                "docker logs",
                (*_AT_GATEWAY, "logs", log),
                dockers,
                limit=None,
            ),
            Work(
                f"contctl ps -a, {bench_many.CROWD} containers",
                "docker ps -a",
                (_CONTCTL, "ps", "-a"),
                (self.docker, "ps", "-a"),
            ),
        )
        results = []
        for work in works:
            self.log_in_again()
            found = compare(work.measure, work.ours, work.theirs, self.environ, pairs, warm_up=1)
            results.append((work, found))
        self.log_in_again()
        ours, theirs = (_CONTCTL,), (self.docker,)
        start, stop = bench_many.start_and_stop(ours, theirs, fleet, self.environ, pairs)
        stopping = f"stop -t {bench_many.GRACE}"
        return [
            *results,
            (Work(f"contctl start, {count}", "docker start", ours, theirs, limit=1), start),
            (
                Work(f"contctl {stopping}, {count}", f"docker {stopping}", ours, theirs, limit=1.2),
                stop,
            ),
        ]

    def cluster_works(self, pairs: int) -> list[tuple[Work, Comparison]]:
        """The comparisons on a cluster of their own."""
        kubectl = shutil.which("kubectl")
        if kubectl is None:
            raise RuntimeError("not installed: kubectl, to compare with")
        if reason := cluster.missing():
            raise RuntimeError(reason)
        with cluster.PrivateCluster() as private:
            bench_cluster.fill(private, "busybox:latest")
            for name in (bench_cluster.LISTED, bench_cluster.RESTARTED):
                self.run(_CONTCTL, "context", "create", name, "--kubernetes", "--namespace", name)
            environ = {**self.environ, "KUBECONFIG": str(private.kubeconfig)}
            self.log_in_again()
            pods = bench_cluster.listing(_CONTCTL, kubectl, environ, pairs)
            restarts = bench_cluster.restarts(_CONTCTL, environ, pairs)
        count, many = bench_cluster.PODS, bench_cluster.WORKLOADS
        return [
            (
                Work(f"contctl ps -a, {count} pods", "kubectl get pods -o json", (), (), limit=2),
                pods,
            ),
            (
                Work(f"contctl restart, {many} workloads", "of one", (), (), limit=many / 2),
                restarts,
            ),
        ]

    def log_in_again(self) -> None:
        """Renew the tokens: none may expire in the middle of a work."""
        self.run(_CONTCTL, "refresh")
        self.run(*_AT_GATEWAY, "refresh")

    def works(self) -> tuple[Work, ...]:
        """All comparisons."""
        ours, theirs = (_CONTCTL, "ps"), (self.docker, "ps")
        bare = (sys.executable, "-c", "pass")
        return (
            Work("contctl ps, pipe", "docker ps", ours, theirs),
            Work("contctl ps, terminal", "docker ps", ours, theirs, on_terminal),
            Work(
                "contctl ps, gateway",
                "docker ps",
                (*_AT_GATEWAY, "ps"),
                theirs,
                limit=GATEWAY_LIMIT,
            ),
            Work("contctl --help", "bare interpreter", (_CONTCTL, "--help"), bare),
            Work(
                "contctl, completing a name",
                "bare interpreter",
                ("env", "_CONTCTL_COMPLETE=zsh", _CONTCTL, "stop", "bench"),
                bare,
                limit=COMPLETION_LIMIT,
            ),
            Work("contctl ps, memory", "docker ps", ours, theirs, peak_memory, "MB", None),
        )


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a limit is exceeded. RuntimeError where it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m devtools.bench", description=__doc__)
    parser.add_argument("--pairs", type=_count, default=20, help="runs of each command; default 20")
    parser.add_argument("--long-pairs", type=_count, default=3, help="of long ones; default 3")
    parser.add_argument("--clients", type=_count, default=200, help="at once; default 200")
    parser.add_argument("--seconds", type=_count, default=60, help="of their load; default 60")
    options = parser.parse_args(arguments)
    pairs = options.pairs
    with ExitStack() as resources:
        bench = prepare(resources)
        # The first thing to happen at the end: from then on nothing may interrupt the clearing up.
        resources.callback(_ignore_signals)
        print(heading(bench, pairs), flush=True)
        results = []
        for work in bench.works():
            bench.log_in_again()
            results.append(
                (work, compare(work.measure, work.ours, work.theirs, bench.environ, pairs))
            )
        results += bench.long_works(options.long_pairs)
        results += bench.cluster_works(options.long_pairs)
        print("\n".join(table(results)), flush=True)
        gateway = resources.enter_context(PrivateGateway(bench.engine))
        many = resources.enter_context(crowd(gateway, bench.engine, _IMAGE, options.clients))
        bears = [bears_load(many, options.seconds, kills) for kills in (0, KILLS)]
    return int(any(is_too_slow(work, found) for work, found in results) or not all(bears))


def prepare(resources: ExitStack) -> Bench:
    """A home with a session in a private keyring, and a private engine with running containers.

    They end with `resources`. RuntimeError where one of them cannot be had.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise RuntimeError("not installed: docker, to compare with")
    if reason := missing():
        raise RuntimeError(reason)
    compileall.compile_dir(Path(contctl.__file__).parent, quiet=1)
    try:
        service = resources.enter_context(SecretService())
    except SecretServiceUnavailable as error:
        raise RuntimeError(f"no private Secret Service: {error}") from error
    home = resources.enter_context(tempfile.TemporaryDirectory(prefix="contctl-bench-"))
    engine = resources.enter_context(PrivateEngine())
    images.import_image(engine.host, _IMAGE)
    places = {"DOCKER_HOST": engine.host, "CONTCTL_HOME": home, "TERM": "xterm-256color"}
    gateway = resources.enter_context(PrivateGateway(engine.host))
    bench = Bench(docker, engine.host, {**service.environ, **places})
    for number in range(_CONTAINERS):
        bench.run(docker, "run", "-d", "--name", f"bench-{number}", _IMAGE, "sleep", "86400")
    bench.run(_CONTCTL, "context", "create", "bench", "--gateway", gateway.host)
    for contctl_there in ((_CONTCTL,), _AT_GATEWAY):
        init = (*contctl_there, "init", "--username", "ada", "--password-stdin")
        bench.run(*init, stdin=_PASSWORD)
        bench.run(*contctl_there, "login", "ada", "--password-stdin", stdin=_PASSWORD)
    return bench


def bears_load(many: Crowd, seconds: float, kills: int) -> bool:
    """Let the clients work, and print what came of it; whether all of it may be so. kills: how
    often the gateway is killed meanwhile, with SIGKILL."""
    clients, streams = len(many.credentials), len(many.credentials) // 2
    killed = f", which is killed {kills} times" if kills else ""
    print(
        f"\n{clients} clients and {streams} open streams for {seconds:g} s on a gateway{killed}, "
        f"under a load of {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    load = many.run(seconds, kills)
    faults = many.faults(load)
    print("\n".join([*load.lines(), *(f"FAULT: {fault}" for fault in faults)]), flush=True)
    return not faults


def heading(bench: Bench, pairs: int) -> str:
    """What is compared, and under which load."""
    versions = bench.run(
        bench.docker, "version", "--format", "{{.Client.Version}}, engine {{.Server.Version}}"
    )
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"contctl {contctl.__version__}, Python {python}, docker {versions.strip()}, "
        f"{_CONTAINERS} containers, {pairs} pairs, "
        f"{os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f}"
    )


def table(results: Sequence[tuple[Work, Comparison]]) -> list[str]:
    """The results as lines with aligned columns."""
    rows = [_HEADINGS, *(_row(work, found) for work, found in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:2], widths, strict=False)]
        texts += [text.rjust(width) for text, width in zip(row[2:6], widths[2:], strict=False)]
        lines.append("   ".join([*texts, row[6]]).rstrip())
    return lines


def is_too_slow(work: Work, found: Comparison) -> bool:
    """Whether the limit is exceeded."""
    return work.limit is not None and found.ratio > work.limit


def _row(work: Work, found: Comparison) -> tuple[str, ...]:
    limit, verdict = "", ""
    if work.limit is not None:
        limit = f"{work.limit:g} x"
        verdict = "TOO SLOW" if is_too_slow(work, found) else "ok"
    numbers = (f"{found.ours:.1f} {work.unit}", f"{found.theirs:.1f} {work.unit}")
    return (work.name, work.against, *numbers, f"{found.ratio:.1f} x", limit, verdict)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one pair is needed")
    return number


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - signal's own
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
