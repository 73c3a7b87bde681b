"""The same copies made by docker's own program and by contctl, on one engine: the same trees."""

import os
import secrets
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contctl.backends.docker.engine import DockerEngine
from devtools.engine import PrivateEngine
from tests.commands.harness import IMAGE, Shell
from tests.e2e.side_by_side import DockerCli

pytestmark = pytest.mark.docker

# Made in a folder of this machine, and in one of the container, by a shell of each.
TREE = """
mkdir -p dir/sub/deep empty dst/dir full/sub full/dir.file
echo one >file; echo two >dir/a; echo three >dir/sub/b; echo four >'with:colon'; echo x >dst/old
echo long >dir/sub/deep/name-of-more-than-a-hundred-characters-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; echo y >full/sub/old; echo umlaut >dir/ärger; echo y >full/file
ln -s file to-file; ln -s dir to-dir; ln -s nowhere broken; ln -s /nowhere/else dir/absolute
ln -s sub/b dir/to-b; ln dir/a dir/hard; mkfifo dir/fifo; ln -s dst to-dst; ln -s ../file dst/to-up
chmod 640 file; chmod 711 dir/sub; chmod 500 dir/sub/deep; chmod 1777 empty; chmod 000 dir/sub/b
chown 12:34 dir/a file; touch -d '2001-02-03 04:05:06' file dir/sub/deep dir/sub dir
"""

# What is copied, and where to: `file` is such a path below the folder of the one side, and the
# destination one of the other.
CASES = [
    (source, destination)
    for source in ("file", "dir", "dir/.")
    for destination in ("", "new", "new/", "new/.", "file", "file/", "dst", "dst/.")
] + [
    ("nosuch", "new"),
    ("empty", "new"),
    ("dir/", "new"),
    ("dir", "full"),
    ("broken", "new"),
    ("file", "to-file"),
    ("file", "to-dst"),
    ("file", "to-dst/"),
    ("file", "broken"),
    ("file", "no/such"),
    ("file", "dir/to-b"),
    ("file/", "new"),
    ("file/.", "new"),
    ("dir", "to-file"),
    ("dir", "to-dst"),
    ("dir", "broken"),
    ("dir", "full/file"),
    ("dir/fifo", "new"),
    ("dir/hard", "new"),
    ("dir/to-b", "new"),
    ("dir/absolute", "new"),
    ("to-file", "new"),
    ("to-dir", "new"),
    ("to-dir/", "new"),
    ("to-dir/.", "new"),
    ("to-dir/", "dst"),
    ("with:colon", "a:b"),
    ("full", "."),
    ("dst", "new"),
    ("dst/.", "new"),
    ("dst/to-up", "new"),
    (".", "new"),
    (".", "dst"),
    ("full/.", ""),
]
LINKS = ("to-file", "to-dir", "to-dir/", "to-dir/.", "broken", "dir/to-b")
"""The sources for which an option makes a difference."""


@dataclass
class Side:
    """A program, and the folder of this machine that is its own."""

    name: str
    home: Path
    container: str

    def run(self, *args: str) -> int:
        raise NotImplementedError


class Docker(Side):
    cli: DockerCli

    def run(self, *args: str) -> int:
        return self.cli.run("cp", *args).code


class Contctl(Side):
    shell: Shell
    said: str = ""

    def run(self, *args: str) -> int:
        result = self.shell.run("cp", *args)
        self.said = result.err
        assert result.out == ""
        assert result.code != 70
        return result.code


@pytest.fixture(scope="module")
def sides(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Docker, Contctl]]:
    """docker and contctl, on one container that runs."""
    from contctl.backends.clock import SystemClock
    from contctl.backends.docker.endpoint import Endpoint

    home = tmp_path_factory.mktemp("copies")
    cli = DockerCli(docker_engine.host, home)
    container = f"copies-{secrets.token_hex(4)}"
    cli.done("run", "-d", "--name", container, IMAGE, "sleep", "600")
    docker = Docker("docker", home / "docker", container)
    docker.cli = cli
    contctl = Contctl("contctl", home / "contctl", container)
    contctl.shell = Shell()
    contctl.shell.init()
    contctl.shell.ports.engine = DockerEngine(Endpoint(docker_engine.host, "t"), SystemClock())  # type: ignore[assignment]
    yield docker, contctl
    cli.done("rm", "-f", container)


def tree(root: Path) -> list[str]:
    """Everything below `root`, with what a copy has to keep."""
    lines = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            lines.append(f"{path.relative_to(root)} {_facts(path)}")
    return lines


def _facts(path: Path) -> str:
    found = path.lstat()
    content = ""
    if stat.S_ISREG(found.st_mode):
        content = path.read_text()
    elif stat.S_ISLNK(found.st_mode):
        content = str(path.readlink())
    # What neither program sets is new on both sides, at about the same time.
    old = int(found.st_mtime) if found.st_mtime < time.time() - 86400 else "new"
    return f"{oct(found.st_mode)} {found.st_uid}:{found.st_gid} {found.st_nlink} {old} {content!r}"


def fresh(folder: Path) -> Path:
    folder.mkdir(parents=True)
    subprocess.run(["sh", "-ec", TREE], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("follow", [False, True])
def test_copies_out_of_a_container(
    sides: tuple[Docker, Contctl], monkeypatch: pytest.MonkeyPatch, follow: bool
) -> None:
    docker, contctl = sides
    made = f"/out-{follow}"
    docker.cli.done("exec", docker.container, "sh", "-ec", f"mkdir {made}; cd {made}; {TREE}")
    template = fresh(docker.home / f"template-{follow}")
    differences = []
    for number, (source, destination) in enumerate(CASES):
        if follow and source not in LINKS:
            continue
        found = []
        for side in sides:
            folder = side.home / f"{follow}-{number}"
            subprocess.run(["cp", "-a", template, _parents(folder)], check=True)
            monkeypatch.chdir(folder)
            options = ["-L"] if follow else []
            code = side.run(*options, f"{side.container}:{made}/{source}", destination or ".")
            found.append((code == 0, tree(folder)))
        if found[0] != found[1]:
            differences.append(((source, destination), *_unlike(found), contctl.said))
    assert not differences, "\n".join(map(str, differences))


@pytest.mark.parametrize("options", ["", "-L"])
def test_copies_into_a_container(
    sides: tuple[Docker, Contctl], monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    docker, contctl = sides
    source_folder = fresh(docker.home / f"source{options}")
    monkeypatch.chdir(source_folder)
    script = "".join(
        f"mkdir -p /in{options}/{side.name}; cd /in{options}/{side.name};"
        f" mkdir template; cd template; {TREE} cd ..; for n in $(seq 0 {len(CASES) - 1});"
        " do cp -a template $n; done\n"
        for side in sides
    )
    docker.cli.done("exec", docker.container, "sh", "-ec", script)
    differences = []
    for number, (source, destination) in enumerate(CASES):
        if options and source not in LINKS:
            continue
        codes = []
        for side in sides:
            target = f"{side.container}:/in{options}/{side.name}/{number}/{destination}"
            path = f"./{source}" if ":" in source else source
            codes.append(side.run(*([options] if options else []), path, target))
        if (codes[0] == 0) != (codes[1] == 0):
            differences.append((source, destination, codes, contctl.said))
    show = "find . | sort | while read n; do stat -c '%N %a %u:%g %h %F %Y' \"$n\"; done"
    found = []
    for side in sides:
        shown = docker.cli.done(
            "exec", docker.container, "sh", "-c", f"cd /in{options}/{side.name}; {show}"
        )
        found.append((True, [_old(line) for line in shown.splitlines()]))
    assert not differences
    assert _unlike(found) == ([], [])


def _old(line: str) -> str:
    rest, _, at = line.rpartition(" ")
    return f"{rest} {at if int(at) < time.time() - 86400 else 'new'}"


def _unlike(found: list[tuple[bool, list[str]]]) -> tuple[list[str], list[str]]:
    (docker_ok, docker), (contctl_ok, contctl) = found
    first = [f"docker {docker_ok}"] * (docker_ok != contctl_ok)
    return (
        first + sorted(set(docker) - set(contctl)),
        sorted(set(contctl) - set(docker)),
    )


def _parents(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder
