"""Standard streams that are closed, full, half-closed or odd, and signals."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from tests.adversarial.refusals import assert_one_error
from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, IMAGE, SECONDS, Machine
from tests.e2e.side_by_side import DockerCli, machine_on

pytestmark = pytest.mark.docker

LINES = 100_000
ODD = "printf 'caf\\351 \\377\\376\\000\\033[31m\\r\\n'; printf '\\200' >&2"
ODD_OUT, ODD_ERR = b"caf\xe9 \xff\xfe\0\x1b[31m\r\n", b"\x80"
# Two writers at once, so that the order of the frames of the two streams differs from run to run.
MANY = f"seq 1 {LINES} & seq {LINES + 1} {2 * LINES} >&2; wait"


@pytest.fixture(scope="module")
def machine(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """One machine for all of these tests."""
    return machine_on(docker_engine.host, tmp_path_factory.mktemp("pipes"))


@pytest.fixture
def docker(docker_engine: PrivateEngine, tmp_path: Path) -> DockerCli:
    """Docker's own program."""
    return DockerCli(docker_engine.host, tmp_path)


@pytest.fixture(scope="module")
def web(machine: Machine) -> Iterator[str]:
    """A container that goes on."""
    name = f"web-{secrets.token_hex(4)}"
    machine.done("run", "-d", "--name", name, IMAGE, "sh", "-c", "echo ready; exec sleep 600")
    yield name
    machine.done("rm", "-f", name)


@pytest.fixture(scope="module")
def wordy(machine: Machine) -> Iterator[str]:
    """A container that wrote 100,000 lines to each stream."""
    name = f"wordy-{secrets.token_hex(4)}"
    done = machine.run("run", "--name", name, IMAGE, "sh", "-c", MANY)
    assert done.code == 0
    assert_complete(done.out, done.err)
    yield name
    machine.done("rm", "-f", name)


@pytest.fixture(scope="module")
def huge(machine: Machine) -> Iterator[str]:
    """A container with a file of 300 MB."""
    name = f"huge-{secrets.token_hex(4)}"
    machine.done("run", "--name", name, IMAGE, "sh", "-c", "yes | head -c 300000000 > /huge")
    yield name
    machine.done("rm", "-f", name)


def assert_complete(out: str, err: str) -> None:
    """Assert that each stream has its own lines, all of them, in order."""
    assert out == "".join(f"{number}\n" for number in range(1, LINES + 1))
    assert err == "".join(f"{number}\n" for number in range(LINES + 1, 2 * LINES + 1))


def in_shell(machine: Machine, script: str, **names: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell script in which $contctl is the program, and each of `names` a variable."""
    return subprocess.run(
        ["bash", "-c", script],
        env=machine.environment({"contctl": str(CONTCTL), **names}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )


def follow(machine: Machine, *args: str) -> subprocess.Popen[bytes]:
    """A command that has shown its first line, and goes on."""
    process = machine.start(*args)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def stop_has_begun(machine: Machine) -> bool:
    """Whether the newest thing that anybody did is a stop that goes on."""
    newest = machine.done("audit", "ls", "-n", "1")
    return "container:stop" in newest and "intent" in newest


class TestClosedStreams:
    """Readers that went away, and descriptors that were never there."""

    def test_a_reader_that_has_seen_enough(self, machine: Machine, wordy: str) -> None:
        script = '"$contctl" logs "$c" 2>/dev/null | head -n 1; echo "${PIPESTATUS[0]}"'
        assert in_shell(machine, script, c=wordy).stdout == b"1\n141\n"
        script = '"$contctl" logs "$c" 2>&1 >/dev/null | head -n 1; echo "${PIPESTATUS[0]}"'
        assert in_shell(machine, script, c=wordy).stdout == b"100001\n141\n"

    @pytest.mark.parametrize("args", ["ps -a", "inspect $c", "--help", "user ls", "logs $c"])
    def test_a_reader_that_reads_nothing(self, machine: Machine, web: str, args: str) -> None:
        # The reader is gone before the command begins, so that the write surely fails.
        script = f'exec 3> >(exec true); wait $!; "$contctl" {args} >&3; echo $?'
        done = in_shell(machine, script, c=web)
        assert (done.stdout, done.stderr) == (b"141\n", b"")

    @pytest.mark.parametrize("args", ["ps", "whoami", "logs $c", "exec $c true", "stop $c -t 0"])
    def test_no_standard_input(self, machine: Machine, web: str, args: str) -> None:
        if args.startswith("stop"):
            web = machine.done("run", "-d", "--rm", IMAGE, "sleep", "600").strip()
        done = in_shell(machine, f'"$contctl" {args} <&-', c=web)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_no_standard_input_for_what_reads_it(self, machine: Machine, web: str) -> None:
        done = in_shell(machine, '"$contctl" exec -i "$c" cat <&-', c=web)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        done = in_shell(machine, '"$contctl" login ada --password-stdin <&-')
        assert (done.returncode, done.stdout) == (2, b"")
        assert_one_error(done.stderr.decode())

    @pytest.mark.parametrize("args", ["ps", "whoami", "logs $c", "inspect $c", "--version"])
    def test_no_standard_output(self, machine: Machine, web: str, args: str) -> None:
        done = in_shell(machine, f'"$contctl" {args} >&-', c=web)
        assert done.returncode not in (0, 70)
        assert_one_error(done.stderr.decode())

    def test_no_standard_error(self, machine: Machine, web: str) -> None:
        for args, code in (("ps", 0), ("stop nope", 3), ("exec $c sh -c 'echo x >&2'", 125)):
            done = in_shell(machine, f'"$contctl" {args} 2>&-', c=web)
            assert (done.returncode, done.stderr) == (code, b""), args

    def test_no_stream_at_all(self, machine: Machine) -> None:
        done = in_shell(machine, '"$contctl" stop nope <&- >&- 2>&-')
        assert done.returncode == 3

    @pytest.mark.parametrize(
        ("args", "code"),
        [("ps", 1), ("whoami --json", 1), ("logs $c", 1), ("--help", 1), ("exec $c echo x", 125)],
    )
    def test_a_full_standard_output(self, machine: Machine, web: str, args: str, code: int) -> None:
        done = in_shell(machine, f'"$contctl" {args} >/dev/full', c=web)
        assert done.returncode == code, done.stderr
        assert_one_error(done.stderr.decode())
        assert b"No space left on device" in done.stderr

    def test_a_run_that_cannot_be_read_says_that_it_may_go_on(self, machine: Machine) -> None:
        name = f"yes-{secrets.token_hex(4)}"
        line = f'"$contctl" run --rm --name {name} "$image" yes >/dev/full'
        done = in_shell(machine, line, image=IMAGE)
        assert done.returncode == 125
        hint = f"hint: the container {name} may go on: see 'contctl ps', 'contctl rm -f {name}'"
        assert done.stderr.decode().splitlines()[1:] == [hint]
        machine.run("rm", "-f", name)

    def test_a_watch_ends_when_nobody_reads_it(self, machine: Machine, web: str) -> None:
        line = '"$contctl" ps --watch --filter name=$c | head -1; echo ${PIPESTATUS[0]}'
        assert in_shell(machine, line, c=web).stdout.splitlines()[1:] == [b"141"]

    def test_a_full_standard_error(self, machine: Machine) -> None:
        assert in_shell(machine, '"$contctl" stop nope 2>/dev/full').returncode == 3


class TestSignals:
    """Interruption and termination."""

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_following_logs(
        self, machine: Machine, web: str, number: signal.Signals, code: int
    ) -> None:
        process = follow(machine, "logs", "-f", web)
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out, err) == (code, b"", b"")

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_an_exec_is_left(
        self, machine: Machine, web: str, number: signal.Signals, code: int
    ) -> None:
        process = follow(machine, "exec", web, "sh", "-c", "echo ready; exec sleep 5")
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out, err) == (code, b"", b"")

    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
    )
    def test_files_that_are_not_whole(
        self, machine: Machine, huge: str, tmp_path: Path, number: signal.Signals, code: int
    ) -> None:
        for args, words in (
            (("export", "-o", "all.tar", huge), b""),
            (("cp", f"{huge}:/huge", "."), b"interrupted; a part of it may be at "),
        ):
            process = subprocess.Popen(
                [CONTCTL, *args], env=machine.environment(), cwd=tmp_path, stderr=subprocess.PIPE
            )
            eventually(lambda: any(os.scandir(tmp_path)), "a first file")
            process.send_signal(number)
            _, err = process.communicate(timeout=SECONDS)
            assert (process.returncode, os.listdir(tmp_path)) == (code, [])
            assert err.startswith(words)

    @pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "ALRM"])
    def test_a_run_passes_it_on(self, machine: Machine, name: str) -> None:
        script = f"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.1; done"
        process = follow(machine, "run", "--rm", IMAGE, "sh", "-c", script)
        process.send_signal(signal.Signals[f"SIG{name}"])
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out, err) == (9, f"got {name}\n".encode(), b"")

    def test_a_started_container_gets_signals_too(self, machine: Machine) -> None:
        name = f"usr-{secrets.token_hex(4)}"
        script = "trap 'exit 9' HUP; trap 'echo got' USR1; echo ready; while :; do sleep 0.1; done"
        machine.done("run", "-d", "--name", name, IMAGE, "sh", "-c", script)
        machine.done("stop", "-t", "0", name)
        process = follow(machine, "start", "-a", name)
        assert process.stdout is not None
        for _ in range(4):
            process.send_signal(signal.SIGUSR1)
            assert process.stdout.readline() == b"got\n"
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out, err) == (9, b"", b"")
        machine.done("rm", name)

    def test_what_nohup_ignores_stays_ignored(self, machine: Machine) -> None:
        script = "trap 'exit 9' HUP; trap 'exit 8' USR1; echo ready; while :; do sleep 0.1; done"
        ignoring = 'trap "" HUP; exec "$contctl" run --rm "$image" sh -c "$script"'
        process = subprocess.Popen(
            ["bash", "-c", ignoring],
            env=machine.environment({"contctl": str(CONTCTL), "image": IMAGE, "script": script}),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGUSR1)
        process.communicate(timeout=SECONDS)
        assert process.returncode == 8

    def test_a_slow_stop_is_not_waited_for(self, machine: Machine, web: str) -> None:
        process = machine.start("stop", "-t", "30", web)
        eventually(lambda: stop_has_begun(machine), "the stop has begun")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        assert process.returncode == 130
        assert b"Traceback" not in err
        machine.done("kill", web)
        machine.done("start", web)


class TestBytes:
    """What containers write, whatever the locale says."""

    @pytest.mark.parametrize(
        "environ",
        [
            {"LANG": "C"},
            {"LC_ALL": "POSIX"},
            {"PYTHONIOENCODING": "ascii"},
        ],
    )
    def test_odd_bytes_and_odd_locales(
        self, machine: Machine, docker: DockerCli, environ: dict[str, str]
    ) -> None:
        name = f"odd-{secrets.token_hex(4)}"
        label = "word=caf\u00e9 \u65e5\u672c"
        run = ("run", "--name", name, "-l", label, IMAGE, "sh", "-c", ODD)
        for args in (run, ("start", "-a", name)):
            process = machine.start(*args, environ=environ)
            assert process.communicate(timeout=SECONDS) == (ODD_OUT, ODD_ERR)
        # The engine keeps logs as JSON, and what is not UTF-8 in them not at all.
        kept = docker.run("logs", name)
        process = machine.start("logs", name, environ=environ)
        logs = process.communicate(timeout=SECONDS)
        assert logs == (kept.out.encode(), kept.err.encode())
        assert b"\x1b[31m\r\n" in logs[0]
        listed = machine.run("ps", "-a", "-f", f"name={name}", "--format", "{{.Labels}}")
        assert listed.out == f"{label}\n"
        listed = machine.run(
            "ps", "-a", "-f", f"name={name}", "--format", "{{.Labels}}", environ=environ
        )
        assert (listed.code, listed.err) == (0, "")
        shown = (label, "word=caf\\xe9 \\u65e5\\u672c")
        assert listed.out.removesuffix("\n") in shown
        machine.done("rm", name)

    def test_an_exec(self, machine: Machine, web: str) -> None:
        process = machine.start("exec", web, "sh", "-c", ODD, environ={"LC_ALL": "C"})
        assert process.communicate(timeout=SECONDS) == (ODD_OUT, ODD_ERR)

    def test_many_lines(self, machine: Machine, wordy: str) -> None:
        logs = machine.run("logs", wordy)
        assert logs.code == 0
        assert_complete(logs.out, logs.err)
        tail = machine.run("logs", "--tail", "10", wordy)
        assert len((tail.out + tail.err).splitlines()) == 10


class TestInput:
    """Standard input of a container's process."""

    def test_its_end_is_passed_on(self, machine: Machine) -> None:
        script = "sort; echo end"
        done = machine.run("run", "--rm", "-i", IMAGE, "sh", "-c", script, stdin=b"b\na\n")
        assert (done.code, done.out, done.err) == (0, "a\nb\nend\n", "")

    def test_without_i_there_is_none(self, machine: Machine, web: str) -> None:
        for args in (("run", "--rm", IMAGE), ("exec", web)):
            done = machine.run(*args, "cat", stdin=b"not for it")
            assert (done.code, done.out, done.err) == (0, "", "")

    @pytest.mark.parametrize("how", ["run", "exec"])
    def test_an_input_that_does_not_end_holds_nobody_up(
        self, machine: Machine, web: str, how: str
    ) -> None:
        where = ("exec", "-i", web) if how == "exec" else ("run", "--rm", "-i", IMAGE)
        reader, writer = os.pipe()
        try:
            process = machine.start(*where, "sh", "-c", "echo ready; exit 5", stdin=reader)
            out, err = process.communicate(timeout=20)
            assert (process.returncode, out, err) == (5, b"ready\n", b"")
        finally:
            os.close(reader)
            os.close(writer)

    def test_an_endless_input_to_a_process_that_ends(self, machine: Machine, web: str) -> None:
        script = 'yes | "$contctl" exec -i "$c" head -n 1; echo "${PIPESTATUS[1]}"'
        done = in_shell(machine, script, c=web)
        assert (done.stdout, done.stderr) == (b"y\n0\n", b"")
