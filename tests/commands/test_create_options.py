"""The options of `run` and `create`: docker's words for what is wrong, and nothing asked before."""

import json
from pathlib import Path

import pytest

from contctl.core.domain.containers import Json
from contctl.core.domain.roles import Role
from tests.commands.harness import IMAGE, Shell

WRONG = [
    ("-m 1x", "invalid argument \"1x\" for \"-m, --memory\" flag: invalid suffix: 'x'"),
    ("-m -1", "invalid argument \"-1\" for \"-m, --memory\" flag: invalid size: '-1'"),
    (
        "-m 1.2.3k",
        'invalid argument "1.2.3k" for "-m, --memory" flag: strconv.ParseFloat: parsing "1.2.3":'
        " invalid syntax",
    ),
    ("--cpus 1/3", 'invalid argument "1/3" for "--cpus" flag: value is too precise'),
    ("--cpus x", 'invalid argument "x" for "--cpus" flag: failed to parse x as a rational number'),
    (
        "--cpu-shares x",
        'invalid argument "x" for "-c, --cpu-shares" flag: strconv.ParseInt: parsing "x":'
        " invalid syntax",
    ),
    (
        "--blkio-weight 70000",
        'invalid argument "70000" for "--blkio-weight" flag: strconv.ParseUint: parsing "70000":'
        " value out of range",
    ),
    ("--memory-swappiness 101", "invalid value: 101. Valid memory swappiness range is 0-100"),
    (
        "--health-interval 5",
        'invalid argument "5" for "--health-interval" flag: time: missing unit in duration "5"',
    ),
    ("--health-retries -1", "--health-retries cannot be negative"),
    ("--no-healthcheck --health-cmd x", "--no-healthcheck conflicts with --health-* options"),
    (
        "--ulimit nofile=3:2",
        'invalid argument "nofile=3:2" for "--ulimit" flag: ulimit soft limit must be less than or'
        " equal to hard limit: 3 > 2",
    ),
    ("--ulimit foo=1", 'invalid argument "foo=1" for "--ulimit" flag: invalid ulimit type: foo'),
    (
        "--device-read-iops /dev/sda:1k",
        'invalid argument "/dev/sda:1k" for "--device-read-iops" flag: invalid rate for device:'
        " /dev/sda:1k. The correct format is <device-path>:<number>. Number must be a positive"
        " integer",
    ),
    ("--device foo", "foo is not an absolute path"),
    ("--device /dev/null:/dev/x:z", "bad mode specified: z"),
    ("--device a:b:c:d", "bad format for path: a:b:c:d"),
    (
        "--gpus x",
        'invalid argument "x" for "--gpus" flag: invalid count (x): value must be either "all" or'
        " an integer: invalid syntax",
    ),
    ("-v :/b", "invalid spec: :/b: empty section between colons"),
    ("-v /a:/b:ro:x", "invalid spec: /a:/b:ro:x: too many colons"),
    ("-v=", "invalid empty volume spec"),
    (
        "--mount foo",
        'invalid argument "foo" for "--mount" flag: invalid field \'foo\' must be a key=value pair',
    ),
    (
        "--mount type=bind,src=/b",
        'invalid argument "type=bind,src=/b" for "--mount" flag: target is required',
    ),
    (
        "--mount type=volume,dst=/b,ro=x",
        'invalid argument "type=volume,dst=/b,ro=x" for "--mount" flag: invalid value for ro: x',
    ),
    (
        "--mount type=bind,src=/a,dst=/b,volume-nocopy=true",
        'invalid argument "type=bind,src=/a,dst=/b,volume-nocopy=true" for "--mount" flag: cannot'
        " mix 'volume-*' options with mount type 'bind'",
    ),
    ("-p 70000", "invalid containerPort: 70000"),
    ("-p x:80", "invalid hostPort: x"),
    ("--expose 80:90", "invalid port format for --expose: 80:90"),
    ("--network=", "no name set for network"),
    ("--network n1 --network n1", 'network "n1" is specified multiple times'),
    (
        "--network n1 --network host",
        "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
    ),
    (
        "--network-alias foo",
        "network-scoped aliases are only supported for user-defined networks",
    ),
    (
        "--network name=n1,foo=bar",
        'invalid argument "name=n1,foo=bar" for "--network" flag: invalid field key foo',
    ),
    (
        "--network name=n1,ip=10.0.0.1 --ip 10.0.0.2",
        "conflicting options: cannot specify both --ip and per-network IPv4 address",
    ),
    ("--mac-address zz", "zz is not a valid mac address"),
    (
        "--dns x",
        'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x',
    ),
    ("--dns-search -", 'invalid argument "-" for "--dns-search" flag: - is not a valid domain'),
    ("--add-host a", 'invalid argument "a" for "--add-host" flag: bad format for add-host: "a"'),
    ("--pid foo", "--pid: invalid PID mode"),
    ("--uts foo", "--uts: invalid UTS mode"),
    ("--userns foo", "--userns: invalid USER mode"),
    ("--cgroupns foo", "--cgroupns: invalid CGROUP mode"),
    ("--sysctl a=1", "invalid argument \"a=1\" for \"--sysctl\" flag: sysctl 'a=1' is not allowed"),
    ("--security-opt foo", 'Invalid --security-opt: "foo"'),
    (
        "--security-opt seccomp=nosuch",
        "opening seccomp profile (nosuch) failed: open nosuch: no such file or directory",
    ),
    ("--storage-opt size", "invalid storage option"),
    ("--log-driver none --log-opt a=b", "invalid logging opts for driver none"),
    (
        "--restart on-failure:x",
        "invalid restart policy format: maximum retry count must be an integer",
    ),
    ("--restart :3", "invalid restart policy format: no policy provided before colon"),
    (
        "--restart always --rm",
        "conflicting options: cannot specify both --restart and --rm",
    ),
    (
        "-a foo",
        'invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and'
        " STDERR",
    ),
    ("--env-file nosuch", "open nosuch: no such file or directory"),
    (
        "-e =1",
        'invalid argument "=1" for "-e, --env" flag: invalid environment variable: =1',
    ),
    ("-l =1", "invalid argument \"=1\" for \"-l, --label\" flag: invalid label '=1': empty name"),
    (
        "--pull foo",
        "invalid pull option: 'foo': must be one of \"always\", \"missing\" or \"never\"",
    ),
    ("--stop-timeout x", 'invalid argument "x" for "--stop-timeout" flag: '
     'strconv.ParseInt: parsing "x": invalid syntax'),
]  # fmt: skip
"""Command lines and what docker 28 says of them."""


@pytest.fixture
def shell() -> Shell:
    shell = Shell()
    shell.init()
    return shell


def test_what_is_wrong_is_said_in_dockers_words(shell: Shell) -> None:
    for line, message in WRONG:
        args = [part for part in line.split(" ") if part]
        made = shell.run("create", *args, IMAGE)
        assert (made.code, made.out, made.err) == (2, "", f"error: {message}\n") or (
            made.err.startswith(f"error: {message}\nhint: ports are published as ")
        ), line
        ran = shell.run("run", *args, IMAGE)
        assert (ran.code, ran.out) == (125, "")
        assert ran.err.startswith(f"error[usage]: {message}\n")
    assert shell.ports.engine.changes == []


def created(shell: Shell, *args: str) -> Json:
    """What an inspection of a container made so tells."""
    made = shell.done("create", *args, IMAGE, "sleep", "600").strip()
    (inspected,) = json.loads(shell.done("inspect", made))
    return dict(inspected)


def test_conflicts_and_what_is_left_out_on_purpose(shell: Shell) -> None:
    result = shell.run("run", "-d", "-a", "stdout", IMAGE)
    assert (result.code, result.err) == (
        125,
        "error[usage]: conflicting options: cannot specify both --attach and --detach\n",
    )
    result = shell.run("create", "--disable-content-trust=false", IMAGE)
    assert (result.code, result.out) == (8, "")
    assert "does not verify signatures" in result.err
    assert shell.ports.engine.changes == []


def test_streams_that_are_joined(shell: Shell) -> None:
    for args, joined in (
        ((), (False, True, True, False)),
        (("-i",), (True, True, True, True)),
        (("-a", "STDOUT"), (False, True, False, False)),
        (("-a", "stderr", "-i"), (True, False, True, True)),
        (("-a", "stdin"), (True, False, False, False)),
    ):
        config = created(shell, *args)["Config"]
        names = ("AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce")
        assert tuple(config[name] for name in names) == joined
    detached = shell.done("run", "-d", "-i", IMAGE, "sleep", "600").strip()
    (inspected,) = json.loads(shell.done("inspect", detached))
    config = inspected["Config"]
    assert (config["OpenStdin"], config["AttachStdin"], config["StdinOnce"]) == (True, False, False)


def test_files_of_variables_and_labels(shell: Shell, tmp_path: Path) -> None:
    shell.environ["HERE"] = "here"
    env, labels = tmp_path / "env", tmp_path / "labels"
    env.write_bytes(b"\xef\xbb\xbfA=file\r\n# no\n\n  B=x y \nHERE\nABSENT\nCONTCTL_TOKEN\n")
    labels.write_text("a=file\nbare\nb=file\n")
    made = created(
        shell, "--env-file", str(env), "-e", "A=given", "-e", "C", "-e", "D=1", "-e", "D=2",
        "--label-file", str(labels), "-l", "b=given", "-l", "empty",
    )["Config"]  # fmt: skip
    assert made["Env"] == ["A=file", "B=x y ", "HERE=here", "A=given", "C", "D=2"]
    assert made["Labels"] == {"a": "file", "b": "given", "empty": ""}
    for content, reason in (
        (b"A B=1\n", "variable 'A B' contains whitespaces"),
        (b"A=1\n=2\n", "no variable name on line 2"),
        (b"\xff\n", "invalid utf8 bytes at line 1"),
        (b"A=1\n" * 1_100_000, "it is larger than 4 MiB"),
    ):
        env.write_bytes(content)
        result = shell.run("create", "--env-file", str(env), IMAGE)
        assert (result.code, result.out) == (2, "")
        assert result.err == f"error: invalid env file ({env}): {reason}\n"
    result = shell.run("create", "--env-file", str(tmp_path), IMAGE)
    assert result.err == f"error: invalid env file ({tmp_path}): read {tmp_path}: is a directory\n"


def test_the_id_in_a_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "cid"
    made = shell.done("create", "--cidfile", str(file), IMAGE).strip()
    assert file.read_text() == made
    changes = len(shell.ports.engine.changes)
    result = shell.run("run", "--cidfile", str(file), IMAGE)
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith("error[conflict]: container ID file found, make sure the other")
    assert (len(shell.ports.engine.changes), file.read_text()) == (changes, made)
    other = tmp_path / "other"
    assert shell.run("create", "--pull", "never", "--cidfile", str(other), "no/such").code == 3
    assert not other.exists()
    result = shell.run("create", "--cidfile", str(tmp_path / "no" / "cid"), IMAGE)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "error: failed to create the container ID file: open"
        f" {tmp_path}/no/cid: no such file or directory\n"
    )


def test_when_the_image_is_pulled(shell: Shell) -> None:
    engine = shell.ports.engine
    engine.pullable = {"shop/new", IMAGE}
    result = shell.run("create", "--pull", "never", "shop/new")
    assert (result.code, result.out) == (3, "")
    assert [change[0] for change in engine.changes] == []
    result = shell.run("create", "--pull", "always", IMAGE)
    assert result.code == 0
    assert [change[0] for change in engine.changes] == ["pull", "create"]
    assert "Pulling from" in result.err
    quiet = shell.run("create", "-q", "shop/new")
    assert (quiet.code, quiet.err) == (0, "")
    assert [change[0] for change in engine.changes] == ["pull", "create", "pull", "create"]


def test_what_the_engine_warns_of(shell: Shell) -> None:
    shell.ports.engine.warnings = ("no swap here",)
    made = shell.run("create", IMAGE)
    assert (made.code, made.err) == (0, "WARNING: no swap here\n")
    document = json.loads(shell.run("create", "--json", IMAGE).out)
    assert (len(document["id"]), document["warnings"]) == (64, ["no swap here"])
    result = shell.run("update", "-m", "1g", made.out.strip())
    assert (result.code, result.err) == (0, "WARNING: no swap here\n")


def test_update(shell: Shell) -> None:
    for name in ("one", "two"):
        shell.container(name)
    assert sorted(
        shell.done(
            "update", "--cpus", "1.5", "-m", "1g", "--memory-swap", "-1", "--pids-limit", "5",
            "--restart", "on-failure:2", "one", "two",
        ).split()
    ) == ["one", "two"]  # fmt: skip
    for name in ("one", "two"):
        (inspected,) = json.loads(shell.done("inspect", name))
        found = inspected["HostConfig"]
        assert (found["NanoCpus"], found["Memory"]) == (1_500_000_000, 1 << 30)
        assert (found["MemorySwap"], found["PidsLimit"]) == (-1, 5)
        assert found["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 2}
    result = shell.run("update", "one")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: you must provide one or more flags when using this command\n"
    result = shell.run("update", "-c", "10", "nope", "one")
    assert (result.code, result.out) == (3, "one\n")
    assert result.err == "error: no such container: nope\n"
    shell.login_as(Role.OPERATOR)
    assert shell.run("update", "-c", "10", "one").code == 5
