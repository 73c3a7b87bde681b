"""What a request says of privileges: each field's name, its value, and when it is left out."""

from contctl.core.domain.privileges import (
    Device,
    DeviceRequest,
    Privileges,
    capabilities,
    privileges_request,
)


def test_privileges() -> None:
    assert privileges_request(Privileges()) == {"Devices": []}
    asked = Privileges(
        True,
        ("sys_admin",),
        ("kill",),
        ("seccomp=unconfined",),
        False,
        {"a": "b"},
        (Device("/dev/a", "/dev/b", "r"), Device("/dev/c", "/dev/c")),
        ("c 1:3 r",),
        (
            DeviceRequest("nvidia", -1, ("0", "1"), (("gpu", "utility"),), {"x": "y"}),
            DeviceRequest(),
        ),
        ("audio",),
        "crun",
        "/p",
        "host",
        "shareable",
        "host",
        "keep-id",
        "private",
        "process",
        {"c": "d"},
    )
    made = {
        "Privileged": True,
        "CapAdd": ["CAP_SYS_ADMIN"],
        "CapDrop": ["CAP_KILL"],
        "SecurityOpt": ["seccomp=unconfined"],
        "Sysctls": {"a": "b"},
        "Devices": [
            {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"},
            {"PathOnHost": "/dev/c", "PathInContainer": "/dev/c", "CgroupPermissions": "rwm"},
        ],
        "DeviceCgroupRules": ["c 1:3 r"],
        "DeviceRequests": [
            {
                "Driver": "nvidia",
                "Count": -1,
                "DeviceIDs": ["0", "1"],
                "Capabilities": [["gpu", "utility"]],
                "Options": {"x": "y"},
            },
            {"Driver": "", "Count": 0, "DeviceIDs": None, "Capabilities": [], "Options": {}},
        ],
        "GroupAdd": ["audio"],
        "Runtime": "crun",
        "CgroupParent": "/p",
        "PidMode": "host",
        "IpcMode": "shareable",
        "UTSMode": "host",
        "UsernsMode": "keep-id",
        "CgroupnsMode": "private",
        "Isolation": "process",
        "Annotations": {"c": "d"},
    }
    assert privileges_request(asked) == made


def test_paths_that_are_not_hidden() -> None:
    asked = Privileges(unconfined_paths=True, security=("label=disable",))
    assert privileges_request(asked) == {
        "Devices": [],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "SecurityOpt": ["label=disable"],
    }


def test_the_spelling_of_capabilities() -> None:
    assert capabilities((" kill ", "Cap_Chown", "", "cap_kill")) == ["CAP_CHOWN", "CAP_KILL"]
    assert capabilities(("All", "CAP_KILL")) == ["ALL"]
    assert capabilities(("cap_all",)) == ["CAP_ALL"]
