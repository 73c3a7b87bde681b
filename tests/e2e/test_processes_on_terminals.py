"""run, exec, attach and start on a person's terminal: what docker shows, and the terminal as it was
afterwards."""

import hashlib
import random
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.gateway import PrivateGateway
from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, IMAGE, SECONDS, Machine
from tests.e2e.pseudo_terminals import COLUMNS, ROWS, Process, Screen, ShellScreen
from tests.e2e.side_by_side import DockerCli

pytestmark = pytest.mark.docker
LEAVE = b"\x10\x11"
READY = b"ready"
SIZE = b"sized"
SIZED = f'until [ "$(stty size 2>&1)" = "{ROWS} {COLUMNS}" ]; do sleep 0.1; done; echo sized'
"""A process may begin before it is told the size, docker's too."""
RAW = "stty raw -echo; echo ready; head -c {} | od -An -v -tx1; exit 6"
"""Shows the bytes that come, whatever they are."""
LINES = "echo ready; while read -r line; do echo got-$line; [ $line != end ] || exit 4; done"
TRAPS = "trap 'echo got; exit 9' {}; echo ready; while :; do sleep 0.1; done"
FOR_EVER = "echo ready; while :; do sleep 0.1; done"


@pytest.fixture(scope="module")
def docker(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> DockerCli:
    return DockerCli(docker_engine.host, tmp_path_factory.mktemp("docker"))


@pytest.fixture(scope="module")
def box(docker: DockerCli) -> Iterator[str]:
    """A running container."""
    name = f"box-{secrets.token_hex(4)}"
    docker.done("run", "-d", "--name", name, IMAGE, "sleep", "3000")
    yield name
    docker.done("rm", "-f", name)


@pytest.fixture(scope="module")
def gateway(docker_engine: PrivateEngine) -> Iterator[PrivateGateway]:
    with PrivateGateway(docker_engine.host) as found:
        yield found


@pytest.fixture(scope="module")
def remote(gateway: PrivateGateway, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine whose commands go through the gateway."""
    machine = Machine(tmp_path_factory.mktemp("remote"), {"CONTCTL_CREDENTIAL_STORE": "file"})
    machine.done("context", "create", "there", "--gateway", gateway.host)
    machine.environ["CONTCTL_CONTEXT"] = "there"
    machine.init()
    return machine


@dataclass(frozen=True)
class Talk:
    """A command line, and what is typed once something is shown. code: what it ends with.

    shows: what is seen.  made: docker's words for making the container that $c is; without them it
    is one that runs.
    """

    args: tuple[str, ...]
    talk: tuple[tuple[bytes, bytes], ...]
    code: int
    shows: bytes
    made: tuple[str, ...] = ()


def exec_(script: str, *options: str) -> tuple[str, ...]:
    return ("exec", *options, "$c", "sh", "-c", script)


def run(script: str, *options: str) -> tuple[str, ...]:
    return ("run", "--rm", *options, IMAGE, "sh", "-c", script)


def made(verb: str, options: str, script: str) -> tuple[str, ...]:
    return (verb, options, "--name", "$c", IMAGE, "sh", "-c", script)


TALKS = {
    "exec": Talk(
        exec_(f"tty >&2; {SIZED}; read -r l; echo got-$l; exit 7", "-it"),
        ((SIZE, "h\u00e9llo\x7f!\r".encode()),),
        7,
        b"got-h\xc3\xa9ll!\r\n",
    ),
    "exec: keys are bytes": Talk(
        exec_(RAW.format(9), "-it"),
        ((READY, b"\x03\x1a\x04\x13\x11\x1c\xff\x00\r"),),
        6,
        b"03 1a 04 13 11 1c ff 00 0d",
    ),
    "exec: bytes are bytes": Talk(
        exec_(r"printf '\033[31mred\033[2J\377\200\n\r\n\007'; exit 1", "-t"),
        (),
        1,
        b"\x1b[31mred\x1b[2J\xff\x80\r\r\n\r\r\r\n\x07",
    ),
    "exec: left": Talk(
        exec_(RAW.format(5), "-it"), ((READY, b"abc" + LEAVE),), 1, b"read escape sequence\r\n"
    ),
    "exec: own keys": Talk(
        exec_(RAW.format(5), "-it", "--detach-keys", "ctrl-x,DEL,d"),
        ((READY, LEAVE + b"\x18\x7fd"),),
        1,
        b"read escape sequence\r\n",
    ),
    "exec: half of the keys": Talk(
        exec_(RAW.format(7), "-it"), ((READY, b"\x10a\x10\x10\x11\x11b"),), 6, b"10 10 11 11 62"
    ),
    "exec: not on a terminal": Talk(
        exec_("cat; exit 3", "-i"), ((b"", b"one\rtwo\r\x04"),), 3, b"one\r\n"
    ),
    "exec: nothing to run": Talk(("exec", "-it", "$c", "nosuch"), (), 126, b"not found"),
    "exec: killed": Talk(exec_("kill -9 $$", "-it"), (), 137, b""),
    "run": Talk(
        run(f"{SIZED}; read -r l; echo got-$l; exit 5", "-it"),
        ((SIZE, b"x y\r"),),
        5,
        b"got-x y\r\n",
    ),
    "run: without input": Talk(run("echo out; echo err >&2; exit 2", "-t"), (), 2, b"err\r\r\n"),
    "run: left": Talk(run(LINES, "-it"), ((READY, b"one\r"), (b"got-one", LEAVE)), 0, b"got-one"),
    "attach": Talk(
        ("attach", "$c"),
        ((b"", b"one\r"), (b"got-one", b"end\r")),
        4,
        b"got-end\r\n",
        made("run", "-dit", LINES),
    ),
    "attach: left": Talk(
        ("attach", "--detach-keys=q", "$c"),
        ((b"", b"one\r"), (b"got-one", b"q")),
        1,
        b"read escape sequence\r\n",
        made("run", "-dit", LINES),
    ),
    "attach: without input": Talk(
        ("attach", "--no-stdin", "$c"),
        (),
        4,
        b"got-end\r\r\n",
        made("run", "-dit", "sleep 2; echo got-end; exit 4"),
    ),
    "attach: not on a terminal": Talk(
        ("attach", "$c"),
        ((b"", b"one\r"), (b"got-one", b"end\r")),
        4,
        b"got-end\r\n",
        made("run", "-di", LINES),
    ),
    "start": Talk(
        ("start", "-ai", "$c"),
        ((READY, b"one\r"), (b"got-one", b"end\r")),
        4,
        b"got-end\r\n",
        made("create", "-it", LINES),
    ),
    "start: left": Talk(
        ("start", "-ai", "--detach-keys", "ctrl-]", "$c"),
        ((READY, b"\x1d"),),
        0,
        b"",
        made("create", "-it", LINES),
    ),
    "start: output alone": Talk(
        ("start", "-a", "$c"), (), 3, b"out\r\r\nerr\r\r\n",
        made("create", "-t", "echo out; echo err >&2; exit 3"),
    ),
}  # fmt: skip


THROUGH_GATEWAY = ("exec", "exec: keys are bytes", "exec: own keys", "run", "attach: left", "start")


def seen_by(
    program: str, environ: Mapping[str, str], talk: Talk, docker: DockerCli, box: str
) -> tuple[int, bytes]:
    """The exit code, and all that the terminal got."""
    container = f"{box}-{secrets.token_hex(4)}" if talk.made else box
    if talk.made:
        docker.done(*(word.replace("$c", container) for word in talk.made))
    args = [word.replace("$c", container) for word in talk.args]
    answer = Screen([program, *args], environ).talk(*talk.talk)
    if talk.made:
        docker.done("rm", "-f", container)
    return answer


@pytest.mark.parametrize("name", TALKS)
def test_as_docker_does(
    name: str, docked: Machine, remote: Machine, docker: DockerCli, box: str
) -> None:
    talk = TALKS[name]
    wanted = seen_by(docker.program, docker.environ, talk, docker, box)
    assert wanted[0] == talk.code
    assert talk.shows in wanted[1]
    for machine in (docked, *[remote] * (name in THROUGH_GATEWAY)):
        assert seen_by(str(CONTCTL), machine.environment(), talk, docker, box) == wanted


@pytest.fixture
def shown(docked: Machine, box: str) -> "Shown":
    return Shown(docked, box)


@dataclass(frozen=True)
class Shown:
    """Commands of contctl on terminals."""

    machine: Machine
    box: str

    def screen(self, *args: str) -> ShellScreen:
        """`contctl ARGS` from a shell."""
        return ShellScreen(self._command(args), self.machine.environment())

    def alone(self, *args: str) -> Screen:
        """`contctl ARGS` without one."""
        return Screen(self._command(args), self.machine.environment())

    def _command(self, args: tuple[str, ...]) -> list[str]:
        return [str(CONTCTL), *(word.replace("$c", self.box) for word in args)]


class TestAsItWas:
    """The terminal, whatever ended the command."""

    @pytest.mark.parametrize("args", [exec_(LINES, "-it"), run(LINES, "-it")], ids=["exec", "run"])
    def test_an_end_of_its_own(self, shown: Shown, args: tuple[str, ...]) -> None:
        _, seen = shown.screen(*args).talk((READY, b"end\r"))
        assert seen.endswith(b"got-end\r\nas before: 4\r\n")

    def test_the_detach_keys(self, shown: Shown) -> None:
        _, seen = shown.screen(*exec_(LINES, "-it")).talk((READY, LEAVE))
        assert seen.endswith(b"read escape sequence\r\nas before: 1\r\n")

    @pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
    def test_a_signal(self, shown: Shown, name: str) -> None:
        number = signal.Signals[f"SIG{name}"]
        screen = shown.screen(*exec_(FOR_EVER, "-it"))
        screen.until(READY)
        screen.send(number)
        _, seen = screen.end()
        assert seen.endswith(b"as before: %d\r\n" % (128 + number)), seen

    def test_a_signal_while_nobody_reads_the_screen(self, shown: Shown) -> None:
        screen = shown.screen(*exec_("echo ready; yes", "-it"))
        screen.until(READY)
        time.sleep(0.5)
        screen.send(signal.SIGTERM)
        _, seen = screen.end()
        assert seen.endswith(b"as before: 143\r\n"), seen[-200:]

    def test_a_lost_container(self, shown: Shown, docker: DockerCli) -> None:
        name = f"lost-{secrets.token_hex(4)}"
        docker.done("run", "-dit", "--name", name, IMAGE, "sh", "-c", LINES)
        screens = [
            shown.screen("attach", name),
            shown.screen("exec", "-it", name, "sh", "-c", LINES),
        ]
        for screen in screens:
            screen.type(b"one\r")
            screen.until(b"got-one")
        docker.done("rm", "-f", name)
        assert screens[0].end()[1].endswith(b"as before: 137\r\n")
        _, seen = screens[1].end()
        assert seen.rpartition(b"as before: ")[2].strip() in (b"137", b"125"), seen

    def test_while_it_is_stopped(self, shown: Shown) -> None:
        """By a signal, since the keys that stop a process are the container's."""
        screen = shown.screen(*exec_(RAW.format(3), "-it"))
        screen.until(READY)
        for number in (signal.SIGTSTP, signal.SIGSTOP):
            screen.send(number)
            if number == signal.SIGTSTP:
                screen.until(b"stopped, as before")
            eventually(lambda: not screen.command().stopped, "it goes on")
            screen.type(b"\x03")
        screen.type(b"x")
        _, seen = screen.end()
        assert b"03 03 78" in seen
        assert seen.endswith(b"as before: 6\r\n")

    def test_a_terminal_that_vanishes(self, shown: Shown) -> None:
        screen = shown.alone(*exec_(FOR_EVER, "-it"))
        screen.until(READY)
        process = Process(screen.spawned.pid or 0)
        screen.spawned.close(force=False)
        eventually(lambda: process.ended, "contctl has ended", SECONDS)

    def test_a_lost_gateway(self, remote: Machine, gateway: PrivateGateway, box: str) -> None:
        screen = Shown(remote, box).screen(*exec_(LINES, "-it"))
        screen.until(READY)
        gateway.kill()
        _, seen = screen.end()
        gateway.start()
        assert b"\nerror[unavailable]: the connection to the gateway" in seen
        assert seen.endswith(b"as before: 125\r\n")

    def test_output_into_a_pipe(self, shown: Shown) -> None:
        """The keys are still the process' own, and nothing here changes what it writes."""
        line = f"{CONTCTL} exec -it {shown.box} sh -c '{RAW.format(2)}' | tee /dev/tty | wc -c"
        screen = ShellScreen(["sh", "-c", line], shown.machine.environment())
        _, seen = screen.talk((READY, b"\x03\x04"))
        assert b" 03 04\n" in seen
        assert seen.endswith(b"\n13\r\nas before: 0\r\n")


class TestSizes:
    """The terminal of a process is as large as the one that shows it."""

    @pytest.mark.parametrize("kind", ["exec", "run", "attach", "gateway"])
    def test_it_follows(self, kind: str, shown: Shown, remote: Machine, docker: DockerCli) -> None:
        script = (
            f'{SIZED}; while [ "$(stty size)" != "40 120" ]; do sleep 0.1; done; '
            "echo now-$(stty size | tr ' ' -); exit 3"
        )
        name = f"size-{secrets.token_hex(4)}"
        if kind == "attach":
            docker.done("run", "-dit", "--name", name, IMAGE, "sh", "-c", f"read x; {script}")
        args = {"run": run(script, "-it"), "attach": ("attach", name)}
        wanted = args.get(kind, exec_(script, "-it"))
        screen = (Shown(remote, shown.box) if kind == "gateway" else shown).alone(*wanted)
        if kind == "attach":
            screen.type(b"\r")
        screen.until(SIZE)
        screen.spawned.setwinsize(40, 120)
        code, seen = screen.end()
        assert (code, b"now-40-120" in seen) == (3, True)
        docker.run("rm", "-f", name)


class TestSignals:
    """Signals that are sent to contctl."""

    def test_a_run_with_a_terminal_passes_them_on(self, shown: Shown) -> None:
        screen = shown.screen(*run(TRAPS.format("TERM"), "-it"))
        screen.until(READY)
        screen.send(signal.SIGTERM)
        _, seen = screen.end()
        assert seen.endswith(b"got\r\nas before: 9\r\n")

    @pytest.mark.parametrize(
        ("args", "code"), [(("attach", "$n"), 9), (("attach", "--sig-proxy=false", "$n"), 130)]
    )
    def test_an_attach(
        self, args: tuple[str, ...], code: int, shown: Shown, docker: DockerCli
    ) -> None:
        name = f"traps-{secrets.token_hex(4)}"
        script = f"{TRAPS.format('INT').replace('echo ready', 'read x; echo ready')}"
        docker.done("run", "-di", "--name", name, IMAGE, "sh", "-c", script)
        screen = shown.screen(*(word.replace("$n", name) for word in args))
        screen.type(b"go\r")
        screen.until(READY)
        screen.type(b"\x03")
        _, seen = screen.end()
        assert seen.endswith(b"as before: %d\r\n" % code)
        running = docker.done("inspect", "-f", "{{.State.Running}}", name)
        assert running == ("false" if code == 9 else "true")
        docker.done("rm", "-f", name)


class TestMuch:
    """More than any buffer holds."""

    def test_a_paste(self, shown: Shown) -> None:
        pasted = bytes(range(32, 127)) * 1000
        script = f"stty raw -echo; echo ready; head -c {len(pasted)} | md5sum"
        screen = shown.screen(*exec_(script, "-it"))
        screen.until(READY)
        screen.type(pasted)
        _, seen = screen.end()
        assert hashlib.md5(pasted).hexdigest().encode() in seen

    def test_a_long_line(self, shown: Shown) -> None:
        script = "head -c {} /dev/zero | tr '\\0' x; echo; exit 3"
        code, seen = shown.alone("exec", "-t", "$c", "sh", "-c", script.format(1_000_000)).end()
        assert (code, seen == b"x" * 1_000_000 + b"\r\r\n") == (3, True)
        piped = shown.machine.run("exec", shown.box, "sh", "-c", script.format(10_000_000))
        assert (piped.code, piped.out == "x" * 10_000_000 + "\n") == (3, True)

    @pytest.mark.parametrize("way", ["embedded", "gateway"])
    def test_pipes_both_ways(self, way: str, shown: Shown, remote: Machine, tmp_path: Path) -> None:
        """`contctl exec -i db cat < dump > copy`, more than the buffers on the way hold."""
        dump, copy = tmp_path / "dump", tmp_path / "copy"
        dump.write_bytes(random.Random(0).randbytes(50_000_000))
        machine = remote if way == "gateway" else shown.machine
        with dump.open("rb") as source, copy.open("wb") as target:
            done = subprocess.run(
                [CONTCTL, "exec", "-i", shown.box, "cat"],
                env=machine.environment(),
                stdin=source,
                stdout=target,
                check=False,
                timeout=SECONDS,
            )
        assert done.returncode == 0
        assert copy.read_bytes() == dump.read_bytes()


def test_privileges(docked: Machine, docker: DockerCli, box: str) -> None:
    """Where the kernel does not let the engine give them, both say so."""
    args = (box, "grep", "CapEff", "/proc/self/status")
    wanted = docker.run("exec", "--privileged", *args)
    answer = docked.run("exec", "--privileged", *args)
    assert (answer.code, answer.out) == (wanted.code, wanted.out)
    assert docked.done("exec", *args) == docker.run("exec", *args).out != wanted.out
