"""Bind mounts, volumes, and the ways to the engine's socket."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.field_rules import Host
from contctl.core.domain.mount_rules import is_below
from contctl.core.domain.risk import dangers_of_container, dangers_of_request, volumes_of

LOCAL: dict[str, Any] = {
    "Name": "data",
    "Driver": "local",
    "Options": None,
    "Mountpoint": "/x",
    "Labels": {},
}


def bound(source: str, **mount: Any) -> list[dict[str, Any]]:
    """A container that binds `source`, in each of the three places where that may stand."""
    parts: list[dict[str, Any]] = [
        {"HostConfig": {"Binds": [f"{source}:/x"]}},
        {"HostConfig": {"Mounts": [{"Type": "bind", "Source": source, "Target": "/x", **mount}]}},
        {"HostConfig": {}, "Mounts": [{"Type": "bind", "Source": source, "Destination": "/x"}]},
    ]
    return [{"Config": {}, **part} for part in parts]


def mounting(name: str) -> list[dict[str, Any]]:
    """A container with the volume `name`, in each of the three places."""
    parts: list[dict[str, Any]] = [
        {"HostConfig": {"Binds": [f"{name}:/x:ro"]}},
        {"HostConfig": {"Mounts": [{"Type": "volume", "Source": name, "Target": "/x"}]}},
        {"HostConfig": {}, "Mounts": [{"Type": "volume", "Name": name, "Source": "/v/_data"}]},
    ]
    return [{"Config": {}, **part} for part in parts]


def test_a_bind_mount_is_a_danger_unless_it_is_admitted() -> None:
    for inspected in bound("/srv/shop"):
        assert dangers_of_container(inspected, Host()) == ("bind mount of /srv/shop",)
        assert dangers_of_container(inspected, Host(admits=lambda path: path == "/srv/shop")) == ()


@pytest.mark.parametrize(
    "source",
    [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "//run/./docker.sock",
        "/run/containerd/containerd.sock",
        "/run/containerd",
        "/run/user/1000/docker.sock",
        "/run/user/1000/podman/podman.sock",
        "/opt/engine/own.sock",
        "/opt/engine",
        "/opt/",
        "/./opt/engine",
        "/run",
        "/var/run",
        "/var",
        "/",
    ],
)
def test_the_way_to_the_engines_socket_is_never_admitted(source: str) -> None:
    host = Host(socket="/opt/engine/own.sock", admits=lambda _: True)
    for inspected in bound(source):
        (danger,) = dangers_of_container(inspected, host)
        assert danger == f"bind mount of {source} (it reaches the engine's socket)"


@pytest.mark.parametrize("source", ["/opt/other", "/runner", "/srv", "/var/lib", "/run/containers"])
def test_other_folders_are_for_the_allow_list(source: str) -> None:
    for inspected in bound(source):
        assert dangers_of_container(inspected, Host(admits=lambda _: True)) == ()


def test_options_of_mounts() -> None:
    def dangers(bind: str) -> tuple[str, ...]:
        host = Host(admits=lambda _: True)
        return dangers_of_container({"Config": {}, "HostConfig": {"Binds": [bind]}}, host)

    assert dangers("/srv:/x:ro,z,rslave") == ()
    assert dangers("/srv:/x:rw,rshared") == ("mount option rshared",)
    assert dangers("/srv:/x:ro:shared") == ("mount option ro:shared",)
    assert dangers("/x") == ()
    two = {"Config": {}, "HostConfig": {"Binds": ["/x", "/etc:/x"]}}
    assert dangers_of_container(two, Host()) == ("bind mount of /etc",)
    assert dangers(":/x") == ("volume of the odd name ",)
    (_, inspected, _) = bound("/srv", BindOptions={"Propagation": "shared"})
    shared = dangers_of_container(inspected, Host(admits=lambda _: True))
    assert shared == ("mount propagation shared",)


@pytest.mark.parametrize(
    ("volume", "danger"),
    [
        (LOCAL, None),
        ({**LOCAL, "Options": {}}, None),
        ({**LOCAL, "Options": {"size": "1G", "o": ""}}, None),
        ({**LOCAL, "Options": {"device": "/etc"}}, "volume data with the option device"),
        ({**LOCAL, "Options": {"o": "bind"}}, "volume data with the option o"),
        ({**LOCAL, "Options": {"Device": "/etc"}}, "volume data with the option Device"),
        ({**LOCAL, "Options": []}, "volume data with options of an unexpected type"),
        ({**LOCAL, "Driver": "nfs"}, "volume data of another driver than local"),
        ({}, "volume data of another driver than local"),
        (None, "volume data, which cannot be examined"),
        ("x", "volume data, which cannot be examined"),
    ],
)
def test_a_named_volume_is_what_the_engine_says_of_it(volume: object, danger: str | None) -> None:
    for inspected in mounting("data"):
        assert volumes_of(inspected) == ("data",)
        found = dangers_of_container(inspected, Host(volumes={"data": volume}))
        assert found == ((danger,) if danger else ())


def test_a_volume_that_nobody_asked_about_is_a_danger() -> None:
    for inspected in mounting("data"):
        assert dangers_of_container(inspected, Host()) != ()
    assert dangers_of_request({"HostConfig": {"Binds": ["data:/x"]}}, Host()) != ()


def test_a_request_may_make_a_new_volume() -> None:
    absent = Host(volumes={"data": None})
    assert dangers_of_request({"HostConfig": {"Binds": ["data:/x"]}}, absent) == ()
    new: dict[str, Any] = {"Type": "volume", "Target": "/x"}
    for driver, dangers in (
        ({"Name": "local"}, ()),
        ({"Name": ""}, ()),
        ({"Name": "nfs"}, ("inline volume driver",)),
        ({"Options": {"device": "/"}}, ("inline volume with the option device",)),
    ):
        mount = {**new, "VolumeOptions": {"NoCopy": True, "DriverConfig": driver}}
        assert dangers_of_request({"HostConfig": {"Mounts": [mount]}}, absent) == dangers


@pytest.mark.parametrize("name", ["../etc", "a/b", ".", "..", "a b", "?", "-x"])
def test_odd_names_of_volumes_are_dangers_and_never_asked_for(name: str) -> None:
    for inspected in mounting(name):
        assert volumes_of(inspected) == ()
        (danger,) = dangers_of_container(inspected, Host(volumes={name: LOCAL}))
        assert danger.startswith("volume of the odd name")


@pytest.mark.parametrize(
    "mount",
    [
        {"Type": "cluster", "Source": "x"},
        {"Type": "Bind", "Source": "/srv"},
        {"Source": "/srv"},
        {"Type": "bind"},
        {"Type": "bind", "Source": "srv"},
        {"Type": "volume", "Source": 7},
        {"Type": ["tmpfs"]},
        "bind",
    ],
)
def test_odd_mounts_are_dangers(mount: object) -> None:
    for inspected in (
        {"Config": {}, "HostConfig": {"Mounts": [mount]}},
        {"Config": {}, "HostConfig": {}, "Mounts": [mount]},
    ):
        assert dangers_of_container(inspected, Host())


@pytest.mark.parametrize(
    ("mounts", "danger"),
    [
        ({}, "Mounts of an unexpected type"),
        ("", "Mounts of an unexpected type"),
        (["bind"], "Mounts of an unexpected type"),
        ([{"Type": "volume"}], "volume of the odd name ?"),
        ([{"Type": "volume", "Name": 7}], "mount of a source of an unexpected type"),
        ([{"Type": "bind"}], "mount of a source of an unexpected type"),
    ],
)
def test_what_is_said_of_odd_mounts(mounts: object, danger: str) -> None:
    inspected = {"Config": {}, "HostConfig": {}, "Mounts": mounts}
    assert dangers_of_container(inspected, Host()) == (danger,)


@pytest.mark.parametrize(
    "inspected",
    [
        {"HostConfig": {"Binds": ["data", 7, None, "/srv:/x"]}},
        {"HostConfig": {"Mounts": ["data", {"Type": "bind", "Source": "data"}]}},
        {"HostConfig": {"Mounts": [{"Type": "volume", "Target": "/x"}]}},
        {"HostConfig": ["data:/x"]},
        {"HostConfig": None, "Mounts": ["data", {"Type": "bind", "Name": "data"}]},
        {"Mounts": [{"Type": "volume"}]},
        {"Mounts": {"Type": "volume", "Name": "data"}},
    ],
)
def test_what_is_no_named_volume(inspected: dict[str, Any]) -> None:
    assert volumes_of(inspected) == ()


def test_memory_and_images_are_harmless() -> None:
    tmpfs = {"Type": "tmpfs", "Target": "/x", "TmpfsOptions": {"SizeBytes": 1, "Mode": 448}}
    image = {"Type": "image", "Source": "busybox", "ImageOptions": {"Subpath": "etc"}}
    inspected = {"Config": {}, "HostConfig": {"Mounts": [tmpfs, image]}, "Mounts": [tmpfs, image]}
    assert dangers_of_container(inspected, Host()) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/shop", True),
        ("/srv/shop/data", True),
        ("/srv//shop/./data/", True),
        ("/srv/./shop", True),
        ("/srv/shopping", False),
        ("/srv", False),
        ("/srv/shop/../bank", False),
        ("/srv/shop/..", False),
        ("srv/shop", False),
        ("", False),
    ],
)
def test_what_is_below_an_allowed_folder(path: str, expected: bool) -> None:
    assert is_below(path, ("/opt", "/srv/shop/")) is expected
    assert not is_below(path, ())


@given(st.text(alphabet="/.ab", max_size=12), st.text(alphabet="/.ab", min_size=1, max_size=6))
def test_what_is_below_begins_with_the_folder(path: str, folder: str) -> None:
    parts, above = path.split("/"), [part for part in folder.split("/") if part not in ("", ".")]
    if is_below(path, [f"/{folder}"]):
        assert ".." not in parts
        assert [part for part in parts if part not in ("", ".")][: len(above)] == above
