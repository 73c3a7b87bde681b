"""What a container is to mount.

Source of names: Docker Engine API v1.51, HostConfig and Mount.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import Json

API_SOCKET = "/var/run/docker.sock"
"""Where docker's --use-api-socket mounts the engine's socket (docker/cli 28, create.go)."""


@dataclass(frozen=True, slots=True)
class BindOptions:
    """propagation: as mount(8) calls them.  non_recursive: without what is mounted below it.
    read_only_non_recursive: what is mounted below stays writable.  read_only_force_recursive: an
    error where it cannot be read-only too."""

    propagation: str = ""
    non_recursive: bool = False
    read_only_non_recursive: bool = False
    read_only_force_recursive: bool = False


@dataclass(frozen=True, slots=True)
class VolumeOptions:
    """no_copy: the image's content stays out of a new volume.  labels, driver, driver_options: of a
    volume that is made.  subpath: the part of it that is mounted."""

    no_copy: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    driver: str = ""
    driver_options: Mapping[str, str] = field(default_factory=dict)
    subpath: str = ""


@dataclass(frozen=True, slots=True)
class TmpfsOptions:
    """size: bytes.  mode: of the folder, as chmod(2) has it."""

    size: int = 0
    mode: int = 0


@dataclass(frozen=True, slots=True)
class Mount:
    """kind: `bind`, `volume`, `tmpfs` and what else an engine may know.  source: a path of the
    engine's host, or the name of a volume or an image; empty for a new volume.  target: a path
    inside.  image_subpath: the part of an image that is mounted."""

    kind: str
    target: str
    source: str = ""
    read_only: bool = False
    consistency: str = ""
    bind: BindOptions | None = None
    volume: VolumeOptions | None = None
    tmpfs: TmpfsOptions | None = None
    image_subpath: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """Everything that a container mounts.

    binds: `SOURCE:TARGET[:OPTIONS]`, of paths and volumes.  volumes: targets of new volumes.
    tmpfs: options by target.  volumes_from: `CONTAINER[:ro|rw]`.  volume_driver: of new volumes.
    api_socket: the engine's own socket.  read_only: all but what is mounted.
    """

    binds: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    volumes_from: tuple[str, ...] = ()
    volume_driver: str = ""
    api_socket: bool = False
    read_only: bool = False


def storage_request(storage: Storage) -> Json:
    """The fields of HostConfig in an engine's request, those that are set."""
    mounts = storage.mounts
    if storage.api_socket:
        mounts = (*mounts, Mount("bind", API_SOCKET, API_SOCKET, bind=BindOptions()))
    fields: Json = {
        "Binds": list(storage.binds),
        "Mounts": [_mount(each) for each in mounts],
        "Tmpfs": dict(storage.tmpfs),
        "VolumesFrom": list(storage.volumes_from),
        "VolumeDriver": storage.volume_driver,
        "ReadonlyRootfs": storage.read_only,
    }
    return {name: value for name, value in fields.items() if value}


def _mount(mount: Mount) -> Json:
    fields: Json = {
        "Type": mount.kind,
        "Source": mount.source,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
        "Consistency": mount.consistency,
    }
    made = {name: value for name, value in fields.items() if value}
    if mount.bind is not None:
        made["BindOptions"] = _bind(mount.bind)
    if mount.volume is not None:
        made["VolumeOptions"] = _volume(mount.volume)
    if mount.tmpfs is not None:
        options = {"SizeBytes": mount.tmpfs.size, "Mode": mount.tmpfs.mode}
        made["TmpfsOptions"] = {name: value for name, value in options.items() if value}
    if mount.image_subpath:
        made["ImageOptions"] = {"Subpath": mount.image_subpath}
    return made


def _bind(options: BindOptions) -> Json:
    fields = {
        "Propagation": options.propagation,
        "NonRecursive": options.non_recursive,
        "ReadOnlyNonRecursive": options.read_only_non_recursive,
        "ReadOnlyForceRecursive": options.read_only_force_recursive,
    }
    return {name: value for name, value in fields.items() if value}


def _volume(options: VolumeOptions) -> Json:
    driver: Json = {"Name": options.driver, "Options": dict(options.driver_options)}
    fields: Json = {
        "NoCopy": options.no_copy,
        "Labels": dict(options.labels),
        "Subpath": options.subpath,
    }
    made = {name: value for name, value in fields.items() if value}
    # Docker always sends this object; the engine shows it.
    return {**made, "DriverConfig": {name: value for name, value in driver.items() if value}}
