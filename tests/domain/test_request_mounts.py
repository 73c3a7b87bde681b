"""What a request says of mounts: each field's name, its value, and when it is left out."""

import pytest

from contctl.core.domain.containers import Json
from contctl.core.domain.mounts import (
    API_SOCKET,
    BindOptions,
    Mount,
    Storage,
    TmpfsOptions,
    VolumeOptions,
    storage_request,
)


def test_storage() -> None:
    assert storage_request(Storage()) == {}
    storage = Storage(("/a:/b",), ("/v",), (), {"/t": "ro"}, ("web:ro",), "nfs", False, True)
    assert storage_request(storage) == {
        "Binds": ["/a:/b"],
        "Tmpfs": {"/t": "ro"},
        "VolumesFrom": ["web:ro"],
        "VolumeDriver": "nfs",
        "ReadonlyRootfs": True,
    }


MOUNTED: list[tuple[Mount, Json]] = [
    (Mount("volume", "/t"), {"Type": "volume", "Target": "/t"}),
    (
        Mount("bind", "/t", "/s", True, "cached", BindOptions("rslave", True, True, True)),
        {
            "Type": "bind",
            "Source": "/s",
            "Target": "/t",
            "ReadOnly": True,
            "Consistency": "cached",
            "BindOptions": {
                "Propagation": "rslave",
                "NonRecursive": True,
                "ReadOnlyNonRecursive": True,
                "ReadOnlyForceRecursive": True,
            },
        },
    ),
    (
        Mount(
            "volume", "/t", volume=VolumeOptions(True, {"a": "b"}, "local", {"o": "bind"}, "sub")
        ),
        {
            "Type": "volume",
            "Target": "/t",
            "VolumeOptions": {
                "NoCopy": True,
                "Labels": {"a": "b"},
                "Subpath": "sub",
                "DriverConfig": {"Name": "local", "Options": {"o": "bind"}},
            },
        },
    ),
    (
        Mount("tmpfs", "/t", tmpfs=TmpfsOptions(1, 0o700)),
        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1, "Mode": 0o700}},
    ),
    (
        Mount("tmpfs", "/t", tmpfs=TmpfsOptions()),
        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {}},
    ),
    (
        Mount("image", "/t", "busybox", image_subpath="bin"),
        {
            "Type": "image",
            "Source": "busybox",
            "Target": "/t",
            "ImageOptions": {"Subpath": "bin"},
        },
    ),
]


@pytest.mark.parametrize(("mount", "made"), MOUNTED)
def test_mounts(mount: Mount, made: Json) -> None:
    assert storage_request(Storage(mounts=(mount,))) == {"Mounts": [made]}
    socket = {"Type": "bind", "Source": API_SOCKET, "Target": API_SOCKET, "BindOptions": {}}
    asked = storage_request(Storage(mounts=(mount,), api_socket=True))
    assert asked == {"Mounts": [made, socket]}
