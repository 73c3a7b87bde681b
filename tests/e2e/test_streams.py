"""Logs, events and stats beside docker's, on one engine."""

import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from devtools.engine import PrivateEngine
from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, IMAGE, SECONDS, Machine, Result
from tests.e2e.side_by_side import DockerCli

pytestmark = pytest.mark.docker

TALK = "echo one; echo err >&2; sleep 0.02; printf 'two\\tbell\\007\\n'; sleep 0.02; printf half"
"""What `done` says."""
LOGS = [
    "logs {done}",
    "logs -t {done}",
    "logs --details {done}",
    "logs --details -t -n 2 {done}",
    "logs -n=-1 {done}",
    "logs --tail=+1 {done}",
    "logs --since 1h {done}",
    "logs --since 1h --until 1m {done}",
    "logs --since 2013-01-02 --until 2013-01-03T04:05 {done}",
    "logs --since {second} {done}",
    "logs --until {second} {done}",
    "logs --since {second} --until {second} -t {done}",
    "logs --follow {done}",
    "logs -f -n 1 -t {done}",
    "logs -ft --until 1h {done}",
    "logs {tty}",
    "logs -t -n 1 {tty}",
    "logs {long}",
]


@pytest.fixture(scope="module")
def docker(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> DockerCli:
    return DockerCli(docker_engine.host, tmp_path_factory.mktemp("docker"))


@pytest.fixture(scope="module")
def there(docker: DockerCli) -> Iterator[dict[str, str]]:
    """Names of containers: `done` and `long` have ended, `up` runs, `tty` has a terminal; `second`
    is the time of the second line of `done`."""
    mark = secrets.token_hex(4)
    names = {each: f"{each}-{mark}" for each in ("done", "up", "tty", "long")}
    log = ("--log-opt", "labels=team", "--log-opt", "env=COLOR", "-l", "team=red", "-e", "COLOR=ab")
    run = ("run", "-d", "--name")
    docker.done(*run, names["done"], *log, IMAGE, "sh", "-c", TALK)
    docker.done(*run, names["up"], IMAGE, "sh", "-c", "echo up; exec sleep 600")
    docker.done(*run, names["tty"], "-t", IMAGE, "sh", "-c", "echo out; echo err >&2")
    many = "head -c 10000000 /dev/zero | tr '\\0' x; echo; echo end"
    docker.done(*run, names["long"], IMAGE, "sh", "-c", many)
    docker.done("wait", names["done"], names["tty"], names["long"])
    second = docker.done("logs", "-t", names["done"]).splitlines()[1].partition(" ")[0]
    yield {**names, "second": second}
    docker.done("rm", "-f", *names.values())


def both(docked: Machine, docker: DockerCli, line: str, there: dict[str, str]) -> list[Result]:
    args = line.format(**there).split()
    return [docked.run(*args), docker.run(*args)]


def test_logs_are_dockers(docked: Machine, docker: DockerCli, there: dict[str, str]) -> None:
    for line in LOGS:
        ours, theirs = both(docked, docker, line, there)
        assert ours == theirs, line


def test_logs_of_several(docked: Machine, there: dict[str, str]) -> None:
    names = [there["tty"], there["long"], there["up"]]
    result = docked.run("logs", *names)
    width = max(map(len, names))
    tty, long, up = (f"{name.ljust(width)} | " for name in names)
    lines = [f"{tty}err\r", f"{tty}out\r", f"{long}end", f"{long}{'x' * 10_000_000}", f"{up}up"]
    assert sorted(result.out.removesuffix("\n").split("\n")) == sorted(lines)
    assert docked.run("logs", "-n", "1", there["done"], there["up"]).out.count("\n") == 2


def test_logs_through_restarts(docked: Machine, docker: DockerCli, tmp_path: Path) -> None:
    """Nothing is shown twice, and nothing is left out."""
    name = f"again-{secrets.token_hex(4)}"
    script = (
        "n=$(cat /n 2>/dev/null || echo 0); trap 'echo bye $n; echo $((n+1)) > /n; exit' TERM;"
        "i=0; while :; do echo run $n line $i; i=$((i+1)); sleep 0.01; done"
    )
    docker.done("run", "-d", "--name", name, IMAGE, "sh", "-c", script)
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        following = subprocess.Popen(
            [CONTCTL, "logs", "-F", "-n", "0", name], env=docked.environment(),
            stdout=to_out, stderr=to_err,
        )  # fmt: skip
    try:
        eventually(lambda: b"run 0" in out.read_bytes(), "it follows")
        docker.done("restart", name)
        eventually(lambda: b"run 1" in out.read_bytes(), "it follows after a restart")
        docker.done("stop", name)
        docker.done("start", name)
        eventually(lambda: b"run 2" in out.read_bytes(), "it follows after a stop")
        docker.done("stop", name)
        written = docker.done("logs", name)
        docker.done("rm", name)
        assert following.wait(SECONDS) == 0
    finally:
        following.kill()
        following.wait()
    followed = out.read_text().removesuffix("\n")
    assert written.endswith(followed)
    assert "bye 0\nrun 1 line 0\n" in followed
    notes = err.read_text().splitlines()
    assert notes == [
        f"{name} does not run; waiting for it to be started",
        f"{name} was started",
    ] * 2 + [
        f"{name} does not run; waiting for it to be started",
        f"{name} was removed",
    ]


EVENTS = [
    "events --since {begin} --until {end} -f container={done}",
    "events --since {begin} --until {end} -f container={done} --format json",
    "events --since {begin} --until {end} -f container={done} -f event=start -f event=die",
    "events --since {begin} --until {end} -f label=team=red -f image=" + IMAGE,
    "events --since {begin} --until {end} --filter container={tty} --format {fields}",
    "events --since {begin} --until {end} -f type=container -f event=create",
    "events --since {end} --until {end}",
]
FIELDS = "{{.ID}},{{.Status}},{{.From}},{{.Type}},{{.Action}},{{.Actor.ID}},{{.Time}},{{.TimeNano}}"
STATS = [
    "stats --no-stream {done} {tty}",
    "stats --no-stream --no-trunc {done} {tty}",
    "stats --no-stream --format json {done}",
    "stats --no-stream --format {table} {tty} {done}",
]


def test_events_are_dockers(docked: Machine, docker: DockerCli, there: dict[str, str]) -> None:
    created = docker.done("inspect", "-f", "{{.Created}}", there["done"])
    words = {**there, "begin": created, "end": str(int(time.time())), "fields": FIELDS}
    for line in EVENTS:
        ours, theirs = both(docked, docker, line, words)
        assert ours == theirs, line
        assert ours.out or "--since {end}" in line, line


def test_stats_are_dockers(docked: Machine, docker: DockerCli, there: dict[str, str]) -> None:
    words = {**there, "table": "table{{.Name}}|{{.NetIO}}|{{.BlockIO}}|{{.Container}}"}
    for line in STATS:
        ours, theirs = both(docked, docker, line, words)
        assert ours == theirs, line
    number = re.compile(r"[0-9.]+(%|[kKMGT]i?B|B|)(?= |$)")
    running = both(docked, docker, "stats --no-stream {up}", there)
    shapes = [number.sub("N", re.sub(" +", " ", each.out)) for each in running]
    assert shapes[0] == shapes[1]
    usage = docked.done("stats", "--no-stream", "--format", "{{.MemUsage}}", there["up"])
    assert usage.partition(" / ")[0] not in ("0B", "--")
    assert docked.run("stats", "--no-stream", "no-such-one").code == 3


def test_stats_on_a_terminal(docked: Machine, docker: DockerCli, there: dict[str, str]) -> None:
    """Containers come and go, keys sort, and the terminal is put back however it ends."""
    script = 'trap : INT; stty -g; "$0" stats; echo code $?; stty -g; echo over'
    running = len(docker.done("ps", "-q").split())
    for end, code in (("q", 0), ("\x03", 130)):
        shell = pexpect.spawn(
            "sh", ["-c", script, str(CONTCTL)], timeout=SECONDS, dimensions=(30, 160),
            env={"TERM": "xterm-256color", **docked.environment()}, encoding="utf-8",
        )  # fmt: skip
        shell.expect(r"[0-9a-f:]+\r\n")
        before = str(shell.after).strip()
        shell.expect_exact("\x1b[?1049h\x1b[?25l")
        shell.expect_exact(there["up"])
        shell.expect_exact("KiB / ")
        assert not shell.getecho()
        if end == "q":
            made = docker.done("run", "-d", "--name", f"new-{there['up']}", IMAGE, "sleep", "600")
            shell.expect_exact(f"new-{there['up']}")
            shell.send("n")
            shell.expect_exact("containers by name")
            docker.done("rm", "-f", made)
            shell.expect(rf"\x1b\[H{running} containers by name")
        shell.send(end)
        shell.expect_exact("\x1b[?25h\x1b[?1049l")
        shell.expect_exact(f"code {code}\r\n{before}\r\nover")
        shell.expect(pexpect.EOF)
        shell.close()
