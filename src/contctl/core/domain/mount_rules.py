"""What a container mounts: bind mounts, volumes, and the engine's socket among them.

Source of the syntax: Docker Engine API v1.51, HostConfig.Binds, Mount and Volume.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from contctl.core.domain.field_rules import (
    Host,
    both,
    flag,
    lists,
    mapping,
    number,
    only,
    record,
    rule,
    shown,
    text,
    text_map,
)

_SOCKETS = (
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
)
"""Where engines listen, by their own documentation; /var/run may be the same folder."""

_SOCKET_NAMES = frozenset(path.rpartition("/")[2] for path in _SOCKETS)
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", re.ASCII)
_PROPAGATIONS = ("private", "rprivate", "slave", "rslave")
_OTHER_OPTIONS = ("", "ro", "rw", "z", "Z", "copy", "nocopy", "consistent", "cached", "delegated")


def is_below(path: str, folders: Sequence[str]) -> bool:
    """Whether the absolute path `path` is one of `folders` or lies in one; never with `..`."""
    parts = _parts(path)
    if not path.startswith("/") or ".." in parts:
        return False
    return any(parts[: len(_parts(folder))] == _parts(folder) for folder in folders)


def volume_names(host_config: object, mounts: object) -> tuple[str, ...]:
    """The named volumes in the parts `HostConfig` and `Mounts` of what an engine inspects."""
    named = filter(_VOLUME.fullmatch, _sources(host_config, mounts))
    return tuple(dict.fromkeys(named))


def binds(values: Sequence[str], host: Host) -> Iterator[str]:
    """Dangers of HostConfig.Binds, each `SOURCE:TARGET[:OPTIONS]`, or the TARGET of a new volume
    alone."""
    for value in values:
        source, *rest = value.split(":", 2)
        if not rest:
            continue
        for option in rest[1].split(",") if len(rest) > 1 else ():
            if option not in (*_PROPAGATIONS, *_OTHER_OPTIONS):
                yield f"mount option {shown(option)}"
        yield from _path(source, host) if source.startswith("/") else _volume(source, host)


def mounts(values: Sequence[Mapping[str, object]], host: Host) -> Iterator[str]:
    """Dangers of HostConfig.Mounts."""
    for value in values:
        yield from _MOUNT("Mounts", value, host)
        yield from _typed(value.get("Type"), value.get("Source"), host)


def effective_mounts(values: object, host: Host) -> Iterator[str]:
    """Dangers of the part `Mounts` of what an engine inspects: all that is mounted, whatever asked
    for it (MountPoint)."""
    if values is not None and not isinstance(values, list):
        yield "Mounts of an unexpected type"
    for value in _items(values):
        if not isinstance(value, dict):
            yield "Mounts of an unexpected type"
        elif value.get("Type") == "volume":
            yield from _typed("volume", value.get("Name") or "?", host)
        else:
            yield from _typed(value.get("Type"), value.get("Source"), host)


def _typed(kind: object, source: object, host: Host) -> Iterator[str]:
    # Content of an image and memory are harmless; what a cluster volume or a named pipe is, no
    # engine tells. A volume without a name is a new one.
    if kind in ("tmpfs", "image") or (kind == "volume" and not source):
        return
    if kind not in ("bind", "volume"):
        yield f"mount of the type {shown(str(kind))}"
    elif not isinstance(source, str):
        yield "mount of a source of an unexpected type"
    elif kind == "bind":
        yield from _path(source, host)
    else:
        yield from _volume(source, host)


def _path(path: str, host: Host) -> Iterator[str]:
    if _leads_to_socket(path, host.socket):
        yield f"bind mount of {shown(path)} (it reaches the engine's socket)"
    elif not host.admits(path):
        yield f"bind mount of {shown(path)}"


def _leads_to_socket(path: str, socket: str) -> bool:
    """Whether `path` is an engine's socket, or a folder above one."""
    parts = _parts(path)
    if parts and parts[-1] in _SOCKET_NAMES:
        return True
    known = (*_SOCKETS, *(f"/var{each}" for each in _SOCKETS), socket)
    return any(_parts(each)[: len(parts)] == parts for each in known if each)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _volume(name: str, host: Host) -> Iterator[str]:
    if not _VOLUME.fullmatch(name):
        yield f"volume of the odd name {shown(name)}"
        return
    found = host.volumes.get(name)
    if found is None and name in host.volumes and host.strict:
        return
    if not isinstance(found, dict):
        yield f"volume {shown(name)}, which cannot be examined"
    elif found.get("Driver") != "local":
        yield f"volume {shown(name)} of another driver than local"
    else:
        yield from _options(f"volume {shown(name)}", found.get("Options"))


def _options(what: str, options: object) -> Iterator[str]:
    """The local driver mounts whatever `device` and `o` say; `size` is a quota (docker docs,
    "docker volume create", Driver-specific options)."""
    if options is None:
        return
    if not isinstance(options, dict):
        yield f"{what} with options of an unexpected type"
        return
    for name, value in options.items():
        if value and name != "size":
            yield f"{what} with the option {shown(name)}"


def _driver(value: Mapping[str, object], _host: Host) -> Iterator[str]:
    if value.get("Name") not in (None, "", "local"):
        yield "inline volume driver"
    yield from _options("inline volume", value.get("Options"))


def _sources(host_config: object, mounts: object) -> Iterator[str]:
    config = host_config if isinstance(host_config, dict) else {}
    for value in _items(config.get("Binds")):
        if isinstance(value, str) and ":" in value:
            yield value.partition(":")[0]
    for value in _items(config.get("Mounts")):
        if isinstance(value, dict) and value.get("Type") == "volume":
            yield str(value.get("Source") or "")
    for value in _items(mounts):
        if isinstance(value, dict) and value.get("Type") == "volume":
            yield str(value.get("Name") or "")


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_FLAG, _TEXT = rule(flag), rule(text)
_DRIVER = both(
    record({"Name": _TEXT, "Options": rule(text_map)}, "DriverConfig."), rule(mapping, _driver)
)
_MOUNT = record(
    {
        "Type": _TEXT,  # with Source, see _typed
        "Source": _TEXT,
        "Target": _TEXT,  # inside the container
        "ReadOnly": _FLAG,
        "Consistency": _TEXT,  # macOS only
        "BindOptions": record(
            {
                "Propagation": rule(text, only("", *_PROPAGATIONS, danger="mount propagation")),
                "NonRecursive": _FLAG,
                "CreateMountpoint": _FLAG,  # what is not there is not admitted
                "ReadOnlyNonRecursive": _FLAG,
                "ReadOnlyForceRecursive": _FLAG,
            },
            "BindOptions.",
        ),
        "VolumeOptions": record(
            {
                "NoCopy": _FLAG,
                "Labels": rule(text_map),
                "Subpath": _TEXT,  # the engine keeps it inside the volume
                "DriverConfig": _DRIVER,
            },
            "VolumeOptions.",
        ),
        "ImageOptions": record({"Subpath": _TEXT}, "ImageOptions."),
        "TmpfsOptions": record(
            {"SizeBytes": rule(number), "Mode": rule(number), "Options": rule(lists)},
            "TmpfsOptions.",
        ),
        "ClusterOptions": record({}, "ClusterOptions."),
    },
    "Mounts.",
)
