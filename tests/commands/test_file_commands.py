"""cp, export, commit, prune and pull on fakes: what they print, where, and how they end."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.transfers import PullOptions, PutOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell
from tests.commands.test_unpacking import tar
from tests.fakes.engine import FakeEngine
from tests.fakes.engine_streams import FakeStream


@pytest.fixture
def web(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A container with the file `/etc/motd`, and a folder of one's own to be in."""
    shell.container("web")
    monkeypatch.chdir(tmp_path)
    Path("note").write_text("hello")
    shell.done("cp", "note", "web:/etc/motd")
    return "web"


def test_there_and_back(shell: Shell, web: str) -> None:
    assert shell.done("cp", f"{web}:/etc/motd", "back") == ""
    assert Path("back").read_text() == "hello"
    assert shell.ports.engine.put_options[-1] == PutOptions(True, False)
    shell.done("cp", "-a", "./note", f"{web}:/tmp")
    assert shell.ports.engine.put_options[-1] == PutOptions(True, True)
    content = shell.done("cp", f"{web}:/tmp/note", "-").encode()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == ["note"]
    shell.done("cp", "-", f"{web}:/tmp", stdin=tar(("file", "given", "through a pipe")))
    shell.done("container", "cp", f"{web}:/tmp/given", ".")
    assert Path("given").read_text() == "through a pipe"


def test_what_is_said_on_a_terminal(shell: Shell, web: str) -> None:
    result = shell.run("cp", f"{web}:/etc/motd", "back", tty=True)
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith(f"Successfully copied 10.2kB to {Path('back').absolute()}\n")
    result = shell.run("cp", "note", f"{web}:/tmp", tty=True)
    assert result.err.endswith(f"Successfully copied 11.3kB to {web}:/tmp\n")
    for args in (["-q"], ["--quiet"]):
        assert shell.run("cp", *args, "note", f"{web}:/tmp", tty=True).err == ""
    assert shell.run("cp", "note", f"{web}:/tmp").err == ""


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ("a b", 2, "must specify at least one container source"),
        ("web:/a web:/b", 2, "copying between containers is not supported"),
        ("./x:y z", 2, "must specify at least one container source"),
        (" web:/a", 2, "source can not be empty"),
        ("web:/etc/motd ", 2, "destination can not be empty"),
        ("web:/etc/motd", 2, "missing argument"),
        ("nosuch web:/tmp", 3, "nosuch: no such file or directory"),
        ("web:/nosuch .", 3, "/nosuch"),
        ("other:/etc .", 3, "no such container: other"),
        ("note other:/tmp", 3, "no such container: other"),
        ("web:/etc/motd no/where", 3, "invalid output path: directory"),
        ("web:/etc/motd new/", 3, "no such directory: "),
        ("web:/etc/motd /dev/null", 6, "got a device"),
        ("web:/etc note", 6, "cannot copy directory"),
        ("- web:/etc/motd", 6, 'destination "web:/etc/motd" must be a directory'),
        ("note web:/nosuch/folder/x", 3, "/nosuch/folder"),
    ],
)
def test_copies_that_cannot_be(shell: Shell, web: str, args: str, code: int, words: str) -> None:
    assert web
    result = shell.run("cp", *args.split(" "))
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("error: ")
    assert words in result.err
    assert os.listdir() == ["note"]


def test_an_archive_is_not_for_a_terminal(shell: Shell, web: str) -> None:
    result = shell.run("cp", f"{web}:/etc/motd", "-", tty=True)
    assert (result.code, result.out) == (2, "")
    result = shell.run("export", web, tty=True)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: cowardly refusing to save to a terminal. Use the -o flag or redirect\n"
    )


def test_sockets_are_left_out_and_said(shell: Shell, web: str) -> None:
    import socket

    Path("tree").mkdir()
    Path("tree/a").write_text("a")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("tree/s")
        result = shell.run("cp", "tree", f"{web}:/tmp")
    assert result.code == 0
    assert result.err.startswith("warning: ")
    assert "tree/s is left out: a socket cannot be copied" in result.err


class CutEngine(FakeEngine):
    """One whose second export and all later ones are cut, and all archives of files."""

    exports = 0

    def get_archive(self, container_id: str, path: str) -> FakeStream[bytes]:
        return self._cut(super().get_archive(container_id, path))

    def export(self, container_id: str) -> FakeStream[bytes]:
        self.exports += 1
        whole = super().export(container_id)
        if self.exports == 1:
            return whole

        return self._cut(whole)

    def _cut(self, whole: FakeStream[bytes]) -> FakeStream[bytes]:
        def take() -> bytes:
            for piece in whole:
                return piece[:600]
            raise ContctlError(ErrorCode.UNAVAILABLE, "the connection was cut")

        return FakeStream(self.changed, take)


def test_a_copy_that_is_cut_says_so(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.ports.engine = CutEngine()
    web = shell.container("web")
    monkeypatch.chdir(tmp_path)
    Path("note").write_text("hello" * 1000)
    shell.done("cp", "note", f"{web}:/tmp")
    result = shell.run("cp", f"{web}:/tmp/note", "cut")
    assert (result.code, result.out) == (7, "")
    assert result.err == (
        f"error: the connection was cut\nhint: a part of it may be at {tmp_path}/cut\n"
    )
    assert os.listdir() == ["note"]


def test_an_export_is_whole_or_not_there(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.ports.engine = CutEngine()
    web = shell.container("web")
    monkeypatch.chdir(tmp_path)
    shell.done("export", "-o", "all.tar", web)
    content = Path("all.tar").read_bytes()
    assert Path("all.tar").stat().st_mode & 0o777 == 0o600
    for path in ("cut.tar", "all.tar"):
        result = shell.run("export", "-o", path, web)
        assert (result.code, result.out, result.err) == (7, "", "error: the connection was cut\n")
    assert os.listdir() == ["all.tar"]
    assert Path("all.tar").read_bytes() == content


def test_exports_that_cannot_be_saved(shell: Shell, web: str) -> None:
    for path, code in (("no/x.tar", 3), ("/dev/null", 6), ("note/x", 1), (".", 1)):
        result = shell.run("export", "-o", path, web)
        assert (result.code, result.out) == (code, ""), path
        assert len(result.err.splitlines()) == 1
    assert os.listdir() == ["note"]


def test_commit(shell: Shell, web: str) -> None:
    assert shell.done("commit", web, "mine").startswith("sha256:")
    assert json.loads(shell.done("commit", "--json", web)) == {"id": "sha256:" + "1" * 64}
    shell.done("run", "-d", "mine", "true")
    shell.done("commit", "-a", "me", "-m", "why", "-c", "CMD x", "-p=false", web, "mine:two")
    assert shell.ports.engine.changes[-1][2:] == ("mine:two", "CMD x")
    shell.login_as(Role.DEVELOPER)
    assert shell.run("commit", web).code == 5


def test_prune(shell: Shell) -> None:
    kept = shell.container("kept")
    ids = [shell.done("run", "-d", "-l", f"n={n}", IMAGE, "true").strip() for n in range(3)]
    for container in ids:
        shell.done("stop", container)
    assert shell.run("container", "prune").code == 2
    result = shell.run("container", "prune", asked=True, stdin=b"n\n")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "WARNING! This will remove all stopped containers.\n"
        "Are you sure you want to continue? [y/N] container prune has been cancelled\n"
    )
    nothing = "Total reclaimed space: 0B\n"
    assert shell.done("container", "prune", "-f", "--filter", "label=n=7") == nothing
    assert shell.done("container", "prune", "-f", "--filter", "until=2001-01-01") == nothing
    out = shell.done("container", "prune", "--force", "--filter", "label!=n=1")
    assert out == f"Deleted Containers:\n{ids[2]}\n{ids[0]}\n\n{nothing}"
    result = shell.run("container", "prune", "--json", asked=True, stdin=b"y\n")
    assert json.loads(result.out) == {"deleted": [ids[1]], "reclaimed": 0}
    assert shell.done("ps", "-aq", "--no-trunc") == f"{kept}\n"
    for text in ("until", "banana=1", "until=soon"):
        assert shell.run("container", "prune", "-f", "--filter", text).code == 2
    assert shell.run("prune", "-f").code == 2


def test_what_could_not_be_pruned_is_said(shell: Shell) -> None:
    first, second = (_stopped(shell) for _ in range(2))
    shell.ports.engine.fail_next("remove", ContctlError(ErrorCode.FAILED, "device is busy"))
    result = shell.run("container", "prune", "-f")
    assert result.code == 1
    assert result.err == "error: device is busy\n"
    assert len({first, second} & set(result.out.splitlines())) == 1


def _stopped(shell: Shell) -> str:
    made = shell.done("run", "-d", IMAGE, "true").strip()
    shell.done("stop", made)
    return made


def test_pull(shell: Shell) -> None:
    engine = shell.ports.engine
    full = "docker.io/team/app"
    engine.pullable |= {f"{full}:latest", f"{full}:1", full, "docker.io/library/one:latest"}
    shell.client.auths[f"{full}:latest"] = Secret("{}")
    assert shell.done("pull", "team/app") == (
        "Using default tag: latest\n"
        f"latest: Pulling from {full}:latest\n"
        "0123456789ab: Pull complete\n"
        f"Status: Downloaded newer image for {full}:latest\n"
        f"{full}:latest\n"
    )
    assert engine.credentials == [Secret("{}")]
    assert shell.done("pull", "-q", "one") == "docker.io/library/one:latest\n"
    assert shell.done("pull", "--quiet", "--platform", "linux/arm64", "team/app:1") == f"{full}:1\n"
    assert engine.pull_options[-1] == PullOptions(platform="linux/arm64")
    assert shell.done("pull", "-a", "--disable-content-trust", "team/app").endswith(f"\n{full}\n")
    assert engine.pull_options[-1] == PullOptions(all_tags=True)
    shell.environ["DOCKER_CONTENT_TRUST"] = "1"
    assert shell.run("pull", "one").code == 8
    assert shell.run("pull", "--disable-content-trust", "one").code == 0
    shell.environ["DOCKER_CONTENT_TRUST"] = "0"
    result = shell.run("pull", "team/app", tty=True)
    assert result.out == f"Using default tag: latest\n{full}:latest\n"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ("-a app:1", 2, "tag can't be used with --all-tags/-a"),
        ("UPPER", 2, "repository name (library/UPPER) must be lowercase"),
        ("a:b:c", 2, "invalid reference format"),
        ("app@sha256:12", 2, "invalid reference format"),
        ("0" * 64, 2, "invalid repository name"),
        ("a" * 300, 2, "must not be more than 255"),
        ("nosuch", 3, "manifest unknown"),
        ("--disable-content-trust=false app", 8, "does not verify signatures"),
    ],
)
def test_pulls_that_cannot_be(shell: Shell, args: str, code: int, words: str) -> None:
    result = shell.run("pull", *args.split())
    assert result.code == code
    assert result.out in ("", "Using default tag: latest\n")
    assert words in result.err
