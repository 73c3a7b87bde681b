"""`contexts.json`, and the socket of this machine's gateway: what is trusted, and what is not."""

import json
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contctl.backends.places import PlacesOfThisUser, check_local_socket, is_there
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import Contexts, Gateway
from contctl.core.errors import ContctlError, ErrorCode

PROD = Contexts({"prod": Gateway("https://ops:8443", "/ca.pem")}, "prod")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def file(folder: Path) -> Path:
    """A file with the context `prod`."""
    PlacesOfThisUser(folder, {}).change(lambda _: PROD)
    return folder / "contexts.json"


def _refused(folder: Path) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        PlacesOfThisUser(folder, {}).situation(None)
    assert caught.value.code is ErrorCode.STORE
    assert str(folder / "contexts.json") in caught.value.message
    return caught.value


def test_modes_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        PlacesOfThisUser(folder, {}).change(lambda _: PROD)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "contexts.json").stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == ["contexts.json"]


def test_a_readable_configuration_folder_is_no_obstacle(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    PlacesOfThisUser(folder, {}).change(lambda _: PROD)
    assert PlacesOfThisUser(folder, {}).situation(None).contexts == PROD


def test_a_gateways_engine_is_kept_from_who_does_not_know_of_it(folder: Path) -> None:
    contexts = Contexts({"far": Gateway("unix:///run/x.sock", None, "far")})
    PlacesOfThisUser(folder, {}).change(lambda _: contexts)
    assert PlacesOfThisUser(folder, {}).situation(None).contexts == contexts
    document = json.loads((folder / "contexts.json").read_text())
    assert document["version"] == 2
    for engine in ("", "A", 1):
        document["contexts"]["far"]["engine"] = engine
        (folder / "contexts.json").write_text(json.dumps(document))
        _refused(folder)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_an_open_file_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert _refused(file.parent).reason == "not-private"


def test_a_link_is_refused(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")
    assert _refused(file.parent).reason == "not-private"


def test_a_folder_that_others_may_write_is_refused(file: Path) -> None:
    file.parent.chmod(0o777)
    assert _refused(file.parent).reason == "not-private"
    with pytest.raises(ContctlError):
        PlacesOfThisUser(file.parent, {}).change(lambda _: Contexts())
    file.parent.chmod(0o700)
    assert PlacesOfThisUser(file.parent, {}).situation(None).contexts == PROD


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000,
        b'{"version": 3, "chosen": null, "contexts": {}}',
        b'{"version": true, "chosen": null, "contexts": {}}',
        b'{"version": 1, "chosen": 7, "contexts": {}}',
        b'{"version": 1, "chosen": "", "contexts": {}}',
        b'{"version": 1, "chosen": null, "contexts": []}',
        b'{"version": 1, "chosen": null, "contexts": {"a": null}}',
        b'{"version": 1, "chosen": null, "contexts": {"a": {}}}',
        b'{"version": 1, "chosen": null, "contexts": {"a": {"gateway": 1, "ca": null}}}',
        b'{"version": 1, "chosen": null, "contexts": {"a": {"gateway": "http://x", "ca": null}}}',
        b'{"version": 1, "chosen": null, "contexts": {"a": {"gateway": "https://x", "ca": 1}}}',
        b'{"version": 1, "chosen": null, "contexts": {"a": {"podman": "unix:///x"}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"docker": "unix:///x"}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"docker": null, "tls": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"docker": 1, "tls": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"docker": "tcp://x:1", "tls": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"docker": "tcp://x:1", "tls": 1}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"podman": "unix:///x", "tls": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"podman": "unix://", "ca": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"kubernetes": null}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"kubernetes": {"context": "x"}}}}',
        b'{"version": 2, "chosen": null, "contexts":'
        b' {"a": {"kubernetes": {"context": "x", "namespace": "A"}}}}',
        b'{"version": 2, "chosen": null, "contexts": {"a": {"containerd": "unix:///x"}}}',
    ],
    ids=range(29),
)  # fmt: skip
def test_a_damaged_file_is_refused_and_left(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert _refused(file.parent).hint
    with pytest.raises(ContctlError):
        PlacesOfThisUser(file.parent, {}).change(lambda _: Contexts())
    assert file.read_bytes() == content


def test_the_file_is_json_for_people(file: Path) -> None:
    assert json.loads(file.read_bytes()) == {
        "version": 1,
        "chosen": "prod",
        "contexts": {"prod": {"gateway": "https://ops:8443", "ca": "/ca.pem"}},
    }


def test_engines_make_it_another_version(folder: Path) -> None:
    """One that an older contctl refuses, where it would have to guess."""
    far = EngineAddress(EngineKind.DOCKER, "tcp://far:2376", "/keys")
    engines = {"far": far, "pods": EngineAddress(EngineKind.KUBERNETES, namespace="web")}
    PlacesOfThisUser(folder, {}).change(lambda _: PROD._replace(engines=engines))
    assert json.loads((folder / "contexts.json").read_bytes()) == {
        "version": 2,
        "chosen": "prod",
        "contexts": {
            "prod": {"gateway": "https://ops:8443", "ca": "/ca.pem"},
            "far": {"docker": "tcp://far:2376", "tls": "/keys"},
            "pods": {"kubernetes": {"context": None, "namespace": "web"}},
        },
    }


@pytest.fixture
def listening() -> Iterator[Path]:
    """A socket in a folder of its own, not below /tmp, where anybody may write."""
    with (
        tempfile.TemporaryDirectory(dir=Path.home()) as folder,
        socket.socket(socket.AF_UNIX) as server,
    ):
        path = Path(folder, "contctl", "contctl.sock")
        path.parent.mkdir(mode=0o755)
        server.bind(str(path))
        yield path


def test_whether_a_socket_is_there(listening: Path) -> None:
    assert is_there(str(listening))
    assert not is_there(str(listening.with_name("absent")))
    assert not is_there(str(listening / "below"))
    listening.with_name("link").symlink_to("nowhere")
    assert is_there(str(listening.with_name("link")))


def test_a_socket_in_private_folders_is_trusted(listening: Path) -> None:
    check_local_socket(str(listening))
    check_local_socket(str(listening.with_name("absent")))


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775])
def test_a_socket_that_others_could_exchange_is_not(listening: Path, mode: int) -> None:
    listening.parent.chmod(mode)
    assert "others may write the folder" in _distrusted(listening).message


def test_a_folder_above_that_others_may_write(listening: Path) -> None:
    above = listening.parent.parent
    above.chmod(0o777)
    assert f"others may write the folder {above}" in _distrusted(listening).message


def test_what_is_no_socket_is_not(listening: Path) -> None:
    file, link = listening.with_name("file"), listening.with_name("link")
    file.touch()
    link.symlink_to(listening)
    for path in (file, link):
        assert "it is not a socket" in _distrusted(path).message


def _distrusted(path: Path) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        check_local_socket(str(path))
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.hint
    return caught.value
