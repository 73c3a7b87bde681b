"""Files, exports, images and prunes by the installed command through a gateway."""

import os
import secrets
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.gateway import PrivateGateway
from tests.e2e.machine import IMAGE, Machine
from tests.e2e.side_by_side import DockerCli

pytestmark = pytest.mark.docker

LARGE = 8 * 1024 * 1024


def test_a_day_of_work(
    docker_engine: PrivateEngine, pushed_image: Callable[[], str], tmp_path: Path
) -> None:
    docker = DockerCli(docker_engine.host, tmp_path)
    mark = f"mark-{secrets.token_hex(4)}"
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "large").write_bytes(secrets.token_bytes(LARGE))
    (tree / "sub" / "large").chmod(0o640)
    (tree / "link").symlink_to("sub/large")
    with PrivateGateway(docker_engine.host) as gateway:
        environ = {"DOCKER_HOST": "", "CONTCTL_CREDENTIAL_STORE": "file"}
        host = Machine(tmp_path, {"CONTCTL_HOME": str(gateway.data)})
        host.done("init", "--username", "ada", "--password-stdin", stdin=b"a long enough password")
        machine = Machine(tmp_path, environ)
        machine.done("context", "create", "ops", "--gateway", gateway.host)
        machine.done("context", "use", "ops")
        machine.login("ada")
        web = machine.done("run", "-d", "-l", mark, IMAGE, "sleep", "600").strip()

        machine.done("cp", str(tree), f"{web}:/tmp")
        machine.done("cp", f"{web}:/tmp/tree", str(tmp_path / "back"))
        assert (tmp_path / "back/sub/large").read_bytes() == (tree / "sub/large").read_bytes()
        assert (tmp_path / "back/sub/large").stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "back/link").readlink() == Path("sub/large")
        for words, code in ((["/nosuch", "x"], 3), (["/tmp/tree", str(tree / "link")], 6)):
            result = machine.run("cp", f"{web}:{words[0]}", words[1])
            assert (result.code, result.out, len(result.err.splitlines())) == (code, "", 1)
        bad = machine.run("cp", "-", f"{web}:/tmp", stdin=b"garbage" * 1_500_000)
        assert (bad.code, bad.out) == (1, "")
        assert len(bad.err.splitlines()) == 1

        saved = tmp_path / "all.tar"
        machine.done("export", "-o", str(saved), web)
        with tarfile.open(saved) as archive:
            assert archive.getmember("tmp/tree/sub/large").size == LARGE
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".contctl_")]

        image = f"made-{secrets.token_hex(4)}"
        machine.done("commit", "-m", "why", "-c", "CMD true", web, image)
        labels = docker.done("image", "inspect", "-f", "{{json .Config.Labels}}", image)
        assert labels == f'{{"contctl.request":"","{mark}":""}}'
        first = machine.done("run", "-d", image).strip()
        docker.done("wait", first)
        out = machine.done("container", "prune", "-f", "--filter", f"label={mark}")
        assert out == f"Deleted Containers:\n{first}\n\nTotal reclaimed space: 0B\n"

        pulled = pushed_image()
        ours = machine.done("pull", pulled)
        docker.done("rmi", f"{pulled}:latest")
        assert ours == docker.done("pull", pulled) + "\n"
        machine.done("rm", "-f", web)
        docker.done("rmi", image)
