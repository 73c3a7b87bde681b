"""The same command line given to docker's own program and to contctl, on one engine."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from tests.e2e.machine import IMAGE, Machine, Result
from tests.e2e.side_by_side import DockerCli, machine_on
from tests.requirements import unavailable

pytestmark = pytest.mark.docker

TEMPLATE = (
    "{{.ID}}\t{{.Names}}\t{{.Image}}\t{{.Command}}\t{{.State}}\t{{.Ports}}\t{{.Labels}}"
    "\t{{.Mounts}}\t{{.LocalVolumes}}\t{{.Networks}}\t{{.CreatedAt}}"
)

# Command lines that change nothing, on `up`, which runs, `done`, which ended with 3, and `made`,
# which was never started. {mark} is a label of these three and of no other container.
READS = [
    "ps --filter label=mark={mark}",
    "ps -a --filter label=mark={mark}",
    "ps -a --filter label=mark={mark} --no-trunc",
    "ps -aq --filter label=mark={mark}",
    "ps -a -q --no-trunc --filter label=mark={mark}",
    "ps -n 2 --filter label=mark={mark}",
    "ps -n -1 --filter label=mark={mark}",
    "ps -l --filter label=mark={mark}",
    "ps -l -q --filter label=mark={mark}",
    "ps -a -s --filter label=mark={mark}",
    "ps -a --filter label=mark={mark} --filter status=exited",
    "ps -a --filter label=mark={mark} --filter status=exited --filter status=created",
    "ps -a --filter label=mark={mark} --filter exited=3",
    "ps --filter name={up}",
    "ps -a --filter id={id}",
    "ps -a --filter label=none-has-this",
    "ps -a --filter ancestor=" + IMAGE + " --filter label=mark={mark} -q",
    "ps -a --filter before={made} --filter label=mark={mark} -q",
    "ps -a --filter since={up} --filter label=mark={mark} -q",
    "ps -a --filter publish=80 --filter label=mark={mark} -q",
    "ps -a --filter network=none --filter label=mark={mark} -q",
    "ps -a --filter label=mark={mark} --format json",
    "ps -a --filter label=mark={mark} --format {row}",
    "ps -a --filter label=mark={mark} --format table",
    "ps -a --filter label=mark={mark} --no-trunc --format {every}",
    "ps -a --filter label=mark={mark} --format {every}",
    "ps -a --filter label=mark={mark} --format {table}",
    "ps -a --filter label=mark={mark} --format {{{{.Status}}}},{{{{.RunningFor}}}}",
    "ps -a --filter label=mark={mark} --format {{{{.Size}}}}",
    "ps -a --filter label=mark={mark} --size --format {{{{.Size}}}}",
    "ps -a=true -q=1 --filter=label=mark={mark}",
    "ps -a -a=false -f=label=mark={mark}",
    "ps --all=T --no-trunc=F -n=2 -f=label=mark={mark}",
    "ps --last=2 -qf=label=mark={mark}",
    "ps --filter exited=x",
    "ps -a --filter label=mark={mark} --format {trim}",
    "ps -a --filter label=mark={mark} --format {trim_lines}",
    "ps -a --filter label=mark={mark} --format {bare_table}",
    "ps -a --filter label=mark={mark} --format {trim_table}",
    "ps -a --filter label=mark={mark} --format {lines_table}",
    "container ls -a --filter label=mark={mark}",
    "logs {done}",
    "logs -n=1 {done}",
    "logs --tail=1 -t=false {done}",
    "logs --tail 1 {done}",
    "logs -n 0 {done}",
    "logs --tail all {done}",
    "logs -t {done}",
    "logs {made}",
    "container inspect {up}",
    "container inspect {up} {done}",
    "inspect -f {{{{.State.ExitCode}}}} {done}",
    "inspect -f {{{{.Name}}}} {up} {done}",
    "inspect -f {{{{.Config.Cmd}}}} {up}",
    "inspect -f {{{{.Config.Labels}}}} {up}",
    "inspect -f {{{{.State.Running}}}} {up}",
    "inspect -f {{{{.NetworkSettings.Ports}}}} {made}",
    "inspect -f {config} {up}",
    "inspect --format json {up}",
    "inspect -f={trim_name} {up}",
    "port {up}",
    "port {up} 80",
    "port {up} 90/udp",
    "port {made}",
    "diff {done}",
    "top {up}",
    "top {up} -o pid,comm",
    "wait {done} {made}",
    "exec {up} echo a b",
    "exec {up} sh -c {script}",
    "exec -e A=1 -e B= {up} env",
    "exec -w /tmp -u nobody {up} sh -c pwd;id",
    "exec {up} /etc",
    "exec {up} no-such-command",
    "exec -i {up} cat",
    "exec -d {up} true",
]

# Command lines on containers of their own: `a` runs, `b` and `c` were never started, and `c` ends
# with 4 as soon as it is.
CHANGES = [
    "stop -t 0 {a}",
    "stop -t=0 {a}",
    "rm -f=true {a}",
    "rm -f=false {b}",
    "kill -s=USR1 {a}",
    "start --attach=true {c}",
    "start -a=false {b}",
    "stop -t 0 {b} {a}",
    "start {a} {b}",
    "restart -t 0 {a} {b}",
    "kill {a}",
    "kill -s USR1 {a}",
    "kill --signal 15 {a}",
    "rm {b}",
    "rm -f {a} {b}",
    "rm -fv {a}",
    "rm -f nothing-of-this-name",
    "start -a {c}",
    "pause {a}",
    "rename {a} {a}-new",
    "rename {b} /{b}-new",
    "stop --timeout -1 {b}",
    "kill -s 9 {a}",
    "kill -s=9 {a}",
]

# Command lines that make a container, which runs to its end.
RUNS = [
    "run --rm {image} true",
    "run --rm=true -e=A=1 {image} sh -c echo.$A",
    "run --rm=1 -i=false {image} cat",
    "run --rm --detach=false {image} echo --rm=false -n=5",
    "run --rm -- {image} echo --rm=x",
    "run --rm {image} sh -c {script}",
    "run --rm {image} no-such-command",
    "run --rm {image} /etc",
    "run --rm -i {image} cat",
    "run --rm {image} cat",
    "run --rm -e A=1 -e B -e C= --env D=a=b {image} sh -c env|grep.-E.^[A-D]=",
    "run --rm -w /tmp -u nobody {image} sh -c pwd;id",
    "run --rm -u 1:2 {image} id",
    "run --rm --entrypoint echo {image} a b",
    "run --rm --network none {image} ls /sys/class/net",
    "run --rm --label a=b -l c {image} true",
    "run -d --rm {image} true",
]

# Where contctl answers otherwise on purpose: its exit code, docker's, and why. Docker has 1 for
# nearly everything, so contctl's codes tell apart what its does not.
DIFFERENT = [
    ("stop nope", 3, 1, "not found has a code of its own"),
    ("start nope", 3, 1, "not found has a code of its own"),
    ("restart nope", 3, 1, "not found has a code of its own"),
    ("kill nope", 3, 1, "not found has a code of its own"),
    ("rm nope", 3, 1, "not found has a code of its own"),
    ("logs nope", 3, 1, "not found has a code of its own"),
    ("container inspect nope", 3, 1, "not found has a code of its own"),
    ("port nope", 3, 1, "not found has a code of its own"),
    ("port {up} 99", 3, 1, "not found has a code of its own"),
    ("port {up} x", 2, 1, "usage has a code of its own"),
    ("diff nope", 3, 1, "not found has a code of its own"),
    ("top {made}", 6, 1, "the wrong state has a code of its own"),
    ("wait nope {done}", 3, 1, "not found has a code of its own"),
    ("rename {up} {made}", 6, 1, "the wrong state has a code of its own"),
    ("rename {up}", 2, 1, "usage has a code of its own"),
    ("unpause {up}", 6, 1, "the wrong state has a code of its own"),
    ("rm -l {made}", 2, 1, "links are left out"),
    ("kill {made}", 6, 1, "the wrong state has a code of its own"),
    ("rm {up}", 6, 1, "the wrong state has a code of its own"),
    ("exec nope true", 125, 1, "125 is every failure before the command runs"),
    ("exec {made} true", 125, 1, "125 is every failure before the command runs"),
    ("start -a nope", 125, 1, "125 is every failure before the command runs"),
    ("exec {up}", 125, 1, "125 is every failure before the command runs"),
    ("stop", 2, 1, "usage has a code of its own"),
    ("ps --bogus", 2, 125, "usage has a code of its own"),
    ("ps --format {{{{.Bogus}}}}", 2, 1, "usage has a code of its own"),
    ("ps --filter bogus=1", 2, 1, "usage has a code of its own"),
    ("ps --all=maybe", 2, 125, "usage has a code of its own"),
    ("ps -qa=x", 2, 125, "usage has a code of its own"),
    ("ps --all=", 2, 125, "usage has a code of its own"),
    ("ps --format raw", 2, 0, "docker's older form is not supported"),
    ("logs --tail x {made}", 2, 0, "docker takes what is no number for 'all'"),
    ("stop --signal KILL {done}", 8, 0, "docker drops the signal that an old engine cannot take"),
]


@dataclass
class Pair:
    """docker and contctl on one engine, and the words of the command lines."""

    docker: DockerCli
    contctl: Machine
    words: dict[str, str] = field(default_factory=dict)

    def line(self, text: str, **more: str) -> list[str]:
        """The arguments that `text` stands for."""
        return [part.format(**self.words, **more) for part in text.split(" ")]


@pytest.fixture(scope="module")
def pair(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The three containers of READS, made by docker, so that contctl meets what it did not make."""
    home: Path = tmp_path_factory.mktemp("like")
    docker = DockerCli(docker_engine.host, home)
    version = docker.done("version", "-f", "{{.Client.Version}}, engine {{.Server.Version}}")
    print(f"compared with docker {version}")
    if not version.startswith("28."):
        unavailable(f"contctl follows docker 28, and this is {version}")
    mark = secrets.token_hex(4)
    up, done, made = (f"{name}-{mark}" for name in ("up", "done", "made"))
    label = ("-l", f"mark={mark}")
    script = "echo out; echo err >&2; exit 3"
    full_id = docker.done(
        "run", "-d", "--name", up, *label, "-l", "team=shop", "-e", "A=1", "--tmpfs", "/scratch",
        "-v", "/volume", "-p", "127.0.0.1::80", "-p", "127.0.0.1::90-91/udp", "--expose", "8080",
        IMAGE, "sleep", "600",
    )  # fmt: skip
    docker.run("run", "--name", done, "--network", "none", *label, IMAGE, "sh", "-c", script)
    docker.done("create", "--name", made, *label, IMAGE, "sh", "-c", "echo 'a \"long\" command'")
    words = {
        "mark": mark, "up": up, "done": done, "made": made, "id": full_id[:6], "script": script,
        "image": IMAGE, "row": "{{json .}}", "config": "{{json .Config}}", "every": TEMPLATE,
        "trim": "a {{- .Names -}} b {{.State}}", "trim_lines": "{{.Names -}} \\n {{- .State}}",
        "bare_table": "table{{.Names}}\\t{{.State}}", "trim_name": "  {{- .Name -}}  ",
        "trim_table": "table  {{- .Names}}\\t{{.State -}} \\t{{.Labels}} ",
        "lines_table": "table {{.Names}}\\n{{.State}}",
        "table": "table {{.Names}}\\t{{.Status}}\\t{{.Labels}}",
    }  # fmt: skip
    yield Pair(docker, machine_on(docker_engine.host, home), words)
    docker.done("rm", "-fv", up, done, made)


def normal(text: str) -> str:
    """`text` without what differs from one moment, or one container, to the next: ages, full IDs.

    The two programs ask one after the other, so an age may have grown by a second. Docker's listing
    writes three harmless characters as JSON escapes, which is the same JSON.
    """
    for character in "<>&":
        text = text.replace(f"\\u{ord(character):04x}", character)
    text = re.sub(r"\b[0-9a-f]{64}\b", "ID", text)
    text = re.sub(r"(Less than a second|\d+ seconds?|About a minute|\d+ minutes?)", "AGE", text)
    return re.sub(r"AGE( ago)? +", r"AGE\1 ", text)


def assert_alike(ours: Result, docker: Result) -> None:
    """Assert the same exit code and the same data."""
    assert (ours.code, normal(ours.out)) == (docker.code, normal(docker.out)), ours.err


@pytest.mark.parametrize("text", READS)
def test_reading(pair: Pair, text: str) -> None:
    line, stdin = pair.line(text), b"input\n\xff\0"
    assert_alike(pair.contctl.run(*line, stdin=stdin), pair.docker.run(*line, stdin=stdin))


@pytest.mark.parametrize("text", CHANGES)
def test_changing(pair: Pair, text: str) -> None:
    found = []
    for run in (pair.docker.run, pair.contctl.run):
        names = {name: f"{name}-{secrets.token_hex(4)}" for name in "abc"}
        pair.docker.done("run", "-d", "--name", names["a"], IMAGE, "sleep", "600")
        pair.docker.done("create", "--name", names["b"], IMAGE, "sleep", "600")
        pair.docker.done("create", "--name", names["c"], IMAGE, "sh", "-c", "echo out; exit 4")
        result = run(*pair.line(text, **names))
        state = "{{.Name}} {{.State.Status}} {{.State.ExitCode}}"
        after = pair.docker.run("container", "inspect", "-f", state, *names.values())
        pair.docker.done("rm", "-f", *names.values())
        # Docker keeps to the order of its arguments; contctl says what is done when it is done.
        shown = "".join(sorted(result.out.splitlines(keepends=True))) + after.out
        for name, unique in names.items():
            shown = shown.replace(unique, name)
        found.append((result.code, shown))
    assert found[1] == found[0]


@pytest.mark.parametrize("text", RUNS)
def test_running(pair: Pair, text: str) -> None:
    line = [part.replace("grep.-E.", "grep -E ").replace("o.$", "o $") for part in pair.line(text)]
    ours, docker = (run(*line, stdin=b"in\n") for run in (pair.contctl.run, pair.docker.run))
    assert_alike(ours, docker)
    if ours.code < 125:
        assert ours.err == docker.err


def test_what_a_run_publishes(pair: Pair) -> None:
    """The port is chosen by the engine; all else of it is the same."""
    shown = []
    for run in (pair.docker.run, pair.contctl.run):
        result = run("run", "-d", "-p", "127.0.0.1::80", "-p", "90/udp", IMAGE, "sleep", "600")
        assert result.code == 0, result.err
        container = result.out.strip()
        ports = pair.docker.done("ps", "--filter", f"id={container}", "--format", "{{.Ports}}")
        pair.docker.done("rm", "-f", container)
        shown.append(re.sub(r":\d+->", ":PORT->", ports))
    assert shown[0] == shown[1] != ""


@pytest.mark.parametrize(("text", "ours", "docker", "why"), DIFFERENT)
def test_what_differs_on_purpose(pair: Pair, text: str, ours: int, docker: int, why: str) -> None:
    line = pair.line(text)
    result, theirs = pair.contctl.run(*line), pair.docker.run(*line)
    assert (result.code, theirs.code) == (ours, docker), f"{why}; {result.err}{theirs.err}"
    assert result.err.startswith("error[" if ours == 125 else "error: ")
    assert result.out == ("" if docker == 0 else theirs.out)
