"""Processes and files in the pods of a real cluster."""

import io
import itertools
import stat
import tarfile
import threading
import uuid
from collections.abc import Iterator

import pytest

from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import AttachSpec, Condition, ExecSpec, LogOptions
from contctl.core.domain.transfers import PutOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import closing_after, read_until, talk, woken_by_close
from tests.contracts.engine_basics import tar_of
from tests.kubernetes.bench import IMAGE, JOB, POD, SERVICE, TRAPPING, Bench

SLEEPING = "exec sleep 1000"


def test_execs(bench: Bench) -> None:
    engine, made = bench.engine, bench.create(SLEEPING)
    with pytest.raises(ContctlError) as caught:
        engine.exec(made, ExecSpec(("true",)))
    assert caught.value.code is ErrorCode.CONFLICT
    engine.start(made)
    with pytest.raises(ContctlError) as caught:
        engine.exec(made, ExecSpec(("true",)))
    assert caught.value.code is ErrorCode.CONFLICT
    made = bench.enter(made)

    script = "echo out; echo err >&2; exit 9"
    assert talk(engine.exec(made, ExecSpec(("sh", "-c", script)))) == (b"out\n", b"err\n", 9)
    assert talk(engine.exec(made, ExecSpec(("cat",)))) == (b"", b"", 0)
    odd = ("sh", "-c", 'printf %s "$1"', "sh", "a b;$(c)\n'&+%")
    assert talk(engine.exec(made, ExecSpec(odd)))[0] == b"a b;$(c)\n'&+%"
    placed = ExecSpec(("sh", "-c", "pwd; echo $ONE"), env=("ONE=1 2",), workdir="/tmp")
    assert talk(engine.exec(made, placed)) == (b"/tmp\n1 2\n", b"", 0)
    assert talk(engine.exec(made, ExecSpec(("sleep", "600"), detach=True))) == (b"", b"", 0)
    for command, code in (("nosuchcommand", 127), ("/etc", 126)):
        out, err, ended = talk(engine.exec(made, ExecSpec((command,))))
        assert (out, ended) == (b"", code)
        assert command.encode() in err

    sized = engine.exec(made, ExecSpec(("sh", "-c", "sleep 0.5; stty size"), tty=True))
    sized.resize(100, 30)
    assert talk(sized) == (b"30 100\r\n", b"", 0)
    for spec in (ExecSpec(("id",), user="1"), ExecSpec(("id",), privileged=True)):
        with pytest.raises(ContctlError) as caught:
            engine.exec(made, spec)
        assert caught.value.code is ErrorCode.UNSUPPORTED

    shown = engine.top(made, ())
    assert shown.titles == ("PID", "USER", "COMMAND")
    assert [row[2] for row in shown.rows if row[0] == "1"] == ["sleep 1000"]
    assert engine.top(made, ("-o", "pid")).titles == ("PID",)
    with pytest.raises(ContctlError) as caught:
        engine.top(made, ("--bogus",))
    assert caught.value.code is ErrorCode.FAILED


def test_a_pod_with_other_labels_is_not_met_in_its_workload(bench: Bench) -> None:
    engine = bench.engine
    spec = CreateSpec(IMAGE, ("sleep", "1000"), name="mix", labels={"team": "a"})
    made = engine.create(spec, uuid.uuid4().hex).id
    engine.start(made)
    row = bench.row(made)
    assert row is not None
    (entered,) = engine.members(row)
    assert (entered.workload, entered.state) == ("mix", "running")
    assert talk(engine.exec(entered.id, ExecSpec(("echo", "in")))) == (b"in\n", b"", 0)
    path = f"/api/v1/namespaces/{bench.cluster.namespace}/pods"
    (pod,) = bench.cluster.items(path)
    relabelled = {"metadata": {"labels": {"team": "b"}}}
    bench.cluster.patch(f"{path}/{pod['metadata']['name']}", relabelled)
    assert engine.members(row) == ()
    assert list(engine.logs(made, LogOptions())) == []


def test_the_input_of_an_exec_ends_and_carries_much(bench: Bench) -> None:
    made = bench.enter(bench.run(SLEEPING))
    duplex = bench.engine.exec(made, ExecSpec(("cat",), stdin=True))
    duplex.write(b"one\n")
    assert read_until(duplex, b"one\n") == b"one\n"
    duplex.write(b"two\n")
    duplex.close_write()
    assert talk(duplex) == (b"two\n", b"", 0)
    duplex.write(b"nobody reads this")
    duplex.close_write()

    data = bytes(range(256)) * 8192
    duplex = bench.engine.exec(made, ExecSpec(("cat",), stdin=True))

    def send() -> None:
        duplex.write(data)
        duplex.close_write()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    assert talk(duplex) == (data, b"", 0)
    sender.join(5)
    assert not sender.is_alive()

    idle = ExecSpec(("sleep", "600"), stdin=True)
    duplex = bench.engine.exec(made, idle)
    assert woken_by_close(duplex, duplex.read) is None
    assert duplex.read() is None
    duplex = bench.engine.exec(made, idle)
    assert woken_by_close(duplex, lambda: duplex.write(b"x" * 50_000_000)) is None


@pytest.mark.parametrize("restart", [SERVICE, JOB, POD], ids=["service", "job", "pod"])
def test_a_run_in_the_foreground_misses_nothing(bench: Bench, restart: object) -> None:
    kind = JOB if restart is JOB else POD if restart is POD else SERVICE
    made = bench.create("echo out; exit 8", restart=kind)
    duplex = bench.engine.attach(made, AttachSpec(until=Condition.NEXT_EXIT))
    bench.engine.start(made)
    assert talk(duplex) == (b"out\n", b"", 8)

    made = bench.create("echo first; cat", restart=kind, stdin=True)
    duplex = bench.engine.attach(made, AttachSpec(stdin=True, until=Condition.NEXT_EXIT))
    bench.engine.start(made)
    duplex.write(b"hello\n")
    assert read_until(duplex, b"hello\n") == b"first\nhello\n"
    duplex.close_write()
    assert talk(duplex) == (b"", b"", 0)


def test_joining_what_runs(bench: Bench) -> None:
    service = bench.run(TRAPPING)
    engine, made = bench.engine, bench.enter(service)
    logged = engine.attach(made, AttachSpec(logs=True))
    assert read_until(logged, b"ready\n") == b"ready\n"
    assert woken_by_close(logged, logged.read) is None
    joined = engine.attach(made, AttachSpec())
    with pytest.raises(ContctlError) as caught:
        engine.kill(made, "NOSUCH")
    assert caught.value.code is ErrorCode.USAGE
    engine.kill(made, "15")
    assert talk(joined) == (b"bye\n", b"", 3)
    engine.stop(service, 1, None)
    for attempt in (
        lambda: engine.attach(service, AttachSpec()),
        lambda: engine.kill(service, "TERM"),
        lambda: engine.top(service, ()),
    ):
        with pytest.raises(ContctlError) as caught:
            attempt()
        assert caught.value.code is ErrorCode.CONFLICT


def test_files(bench: Bench) -> None:
    engine, made = bench.engine, bench.enter(bench.run(SLEEPING))
    content = b"0123456789" * 20_000
    tar = tar_of(data=content)
    engine.put_archive(made, "/tmp", (tar[at : at + 5000] for at in range(0, len(tar), 5000)))
    for path, names in (
        ("/tmp/data", ["data"]),
        ("tmp", ["tmp", "tmp/data"]),
        ("/tmp/.", [".", "./data"]),
    ):
        with closing_after(engine.get_archive(made, path)) as stream:
            got = io.BytesIO(b"".join(stream))
        with tarfile.open(fileobj=got) as found:
            assert found.getnames() == names
            member = found.extractfile(names[-1])
            assert member is not None
            assert member.read() == content
    file, folder, link = (engine.stat(made, path) for path in ("tmp/data", "/tmp", "/bin/sh"))
    assert (file.name, file.size, file.link_target) == ("data", len(content), "")
    assert stat.S_ISREG(file.mode)
    assert stat.S_ISDIR(folder.mode)
    assert stat.S_ISLNK(link.mode)
    assert link.link_target == "/bin/busybox"
    engine.put_archive(made, "/tmp", [tar_of(own=b"1")], PutOptions(True, True))

    large = itertools.repeat(b"\0" * 65536, 64)
    for attempt in (
        lambda: engine.stat(made, "/no'$(such)"),
        lambda: engine.get_archive(made, "/nosuch/path"),
        lambda: engine.put_archive(made, "/nosuch", iter([tar])),
        lambda: engine.put_archive(made, "/nosuch", large),
    ):
        with pytest.raises(ContctlError) as caught:
            attempt()
        assert (caught.value.code, caught.value.reason) == (ErrorCode.NOT_FOUND, "no-path")
    for path, sent in (("/bin/sh", tar), ("/tmp", b"no archive" * 1000)):
        with pytest.raises(ContctlError) as caught:
            engine.put_archive(made, path, [sent])
        assert caught.value.code is ErrorCode.FAILED

    def broken() -> Iterator[bytes]:
        yield tar[:512]
        raise FileNotFoundError("the sender's")

    with pytest.raises(FileNotFoundError, match="the sender's"):
        engine.put_archive(made, "/tmp", broken())
