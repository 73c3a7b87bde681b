"""`--volume`, `--mount` and `--tmpfs` as docker reads them.

Sources: docker/cli 28, cli/compose/loader/volume.go, opts/mount.go and
cli/command/container/opts.go.
"""

import csv
import os.path
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from contctl.commands.container.given import Given, usage
from contctl.commands.container.quantities import size_of
from contctl.core.domain.mounts import BindOptions, Mount, Storage, TmpfsOptions, VolumeOptions

_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


def storage_of(given: Given) -> Storage:
    """All that the options about mounts ask for; ContctlError USAGE for what is wrong."""
    specs = [_volume(text) for text in dict.fromkeys(given.texts("volume"))]
    tmpfs = (text.partition(":") for text in given.texts("tmpfs"))
    return Storage(
        binds=tuple(text for bound, text in specs if bound),
        volumes=tuple(text for bound, text in specs if not bound),
        mounts=given.each("mount", mount_of),
        tmpfs={target: options for target, _, options in tmpfs},
        volumes_from=given.texts("volumes_from"),
        volume_driver=given.word("volume_driver"),
        api_socket=given.on("use_api_socket"),
        read_only=given.on("read_only"),
    )


def csv_fields(text: str) -> list[str]:
    """The fields of one line of comma-separated values (RFC 4180); ValueError for none."""
    try:
        fields = next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if not fields:
        raise ValueError("EOF")
    return fields


def truth(key: str, value: str) -> bool:
    """A boolean as Go's strconv.ParseBool reads it."""
    if value not in (*_TRUE, *_FALSE):
        raise ValueError(f"invalid value for {key}: {value}")
    return value in _TRUE


def _volume(text: str) -> tuple[bool, str]:
    """Whether it has a source, and the value to send: a source that begins with a dot is a path
    here."""
    if not text:
        raise usage("invalid empty volume spec")
    sections = text.split(":")
    if "" in sections:
        raise usage(f"invalid spec: {text}: empty section between colons")
    if len(sections) > 3:
        raise usage(f"invalid spec: {text}: too many colons")
    source, colon, rest = text.partition(":")
    if colon and source.startswith("."):
        source = os.path.abspath(source)
    return bool(colon), f"{source}{colon}{rest}"


@dataclass(slots=True)
class _Parts:
    """What the fields of a `--mount` have said so far."""

    mount: Mount = field(default_factory=lambda: Mount("volume", ""))

    @property
    def bind(self) -> BindOptions:
        return self.mount.bind or BindOptions()

    @property
    def volume(self) -> VolumeOptions:
        return self.mount.volume or VolumeOptions()

    @property
    def tmpfs(self) -> TmpfsOptions:
        return self.mount.tmpfs or TmpfsOptions()

    def set(self, **values: object) -> None:
        self.mount = replace(self.mount, **values)  # type: ignore[arg-type]


def mount_of(text: str) -> Mount:
    """A mount written as `type=bind,source=/a,target=/b`; ValueError with docker's reason."""
    parts = _Parts()
    for entry in csv_fields(text):
        name, equals, value = entry.partition("=")
        key = name.lower()
        setter = _KEYS.get(key)
        if not equals and key not in _SWITCHES:
            raise ValueError(f"invalid field '{entry}' must be a key=value pair")
        if setter is None:
            raise ValueError(f"unexpected key '{key}' in '{entry}'")
        setter(parts, key, value if equals else "true")
    _check(parts.mount)
    return parts.mount


def _check(mount: Mount) -> None:
    if not mount.kind:
        raise ValueError("type is required")
    if not mount.target:
        raise ValueError("target is required")
    for kind, options in (("volume", mount.volume), ("bind", mount.bind), ("tmpfs", mount.tmpfs)):
        if options is not None and mount.kind != kind:
            raise ValueError(f"cannot mix '{kind}-*' options with mount type '{mount.kind}'")
    if mount.image_subpath and mount.kind != "image":
        raise ValueError(f"cannot mix 'image-*' options with mount type '{mount.kind}'")
    if mount.bind is not None:
        _check_recursion(mount, mount.bind)


def _check_recursion(mount: Mount, bind: BindOptions) -> None:
    for wanted, name in (
        (bind.read_only_non_recursive, "writable"),
        (bind.read_only_force_recursive, "readonly"),
    ):
        if wanted and not mount.read_only:
            raise ValueError(
                f"option 'bind-recursive={name}' requires 'readonly' to be specified in conjunction"
            )
    if bind.read_only_force_recursive and bind.propagation != "rprivate":
        raise ValueError(
            "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified"
            " in conjunction"
        )


def _source(parts: _Parts, _key: str, value: str) -> None:
    here = value == "." or value.startswith("./")
    parts.set(source=os.path.abspath(value) if here else value)


def _recursion(parts: _Parts, key: str, value: str) -> None:
    known = {
        "enabled": parts.mount.bind,
        "disabled": replace(parts.bind, non_recursive=True),
        "writable": replace(parts.bind, read_only_non_recursive=True),
        "readonly": replace(parts.bind, read_only_force_recursive=True),
    }
    if value not in known:
        choices = '"enabled", "disabled", "writable", or "readonly"'
        raise ValueError(f"invalid value for {key}: {value} (must be {choices})")
    parts.set(bind=known[value])


def _label(parts: _Parts, _key: str, value: str) -> None:
    key, _, content = value.partition("=")
    labels = {**parts.volume.labels, **({key: content} if key else {})}
    parts.set(volume=replace(parts.volume, labels=labels))


def _driver_option(parts: _Parts, _key: str, value: str) -> None:
    key, _, content = value.partition("=")
    options = {**parts.volume.driver_options, **({key: content} if key else {})}
    parts.set(volume=replace(parts.volume, driver_options=options))


def _size(parts: _Parts, key: str, value: str) -> None:
    try:
        size = size_of(value)
    except ValueError:
        raise ValueError(f"invalid value for {key}: {value}") from None
    parts.set(tmpfs=replace(parts.tmpfs, size=size))


def _mode(parts: _Parts, key: str, value: str) -> None:
    if not value or len(value) > 11 or not set(value) <= set("01234567") or int(value, 8) >= 2**32:
        raise ValueError(f"invalid value for {key}: {value}")
    parts.set(tmpfs=replace(parts.tmpfs, mode=int(value, 8)))


def _read_only(parts: _Parts, key: str, value: str) -> None:
    parts.set(read_only=truth(key, value))


def _non_recursive(parts: _Parts, key: str, value: str) -> None:
    parts.set(bind=replace(parts.bind, non_recursive=truth(key, value)))


def _no_copy(parts: _Parts, key: str, value: str) -> None:
    parts.set(volume=replace(parts.volume, no_copy=truth(key, value)))


_Setter = Callable[[_Parts, str, str], None]
_SWITCHES = ("readonly", "ro", "volume-nocopy", "bind-nonrecursive")
_KEYS: dict[str, _Setter] = {
    "type": lambda parts, _, value: parts.set(kind=value.lower()),
    **dict.fromkeys(("source", "src"), _source),
    **dict.fromkeys(
        ("target", "dst", "destination"), lambda parts, _, value: parts.set(target=value)
    ),
    **dict.fromkeys(("readonly", "ro"), _read_only),
    "consistency": lambda parts, _, value: parts.set(consistency=value.lower()),
    "bind-propagation": lambda parts, _, value: parts.set(
        bind=replace(parts.bind, propagation=value.lower())
    ),
    "bind-nonrecursive": _non_recursive,
    "bind-recursive": _recursion,
    "volume-subpath": lambda parts, _, value: parts.set(
        volume=replace(parts.volume, subpath=value)
    ),
    "volume-nocopy": _no_copy,
    "volume-label": _label,
    "volume-driver": lambda parts, _, value: parts.set(volume=replace(parts.volume, driver=value)),
    "volume-opt": _driver_option,
    "image-subpath": lambda parts, _, value: parts.set(image_subpath=value),
    "tmpfs-size": _size,
    "tmpfs-mode": _mode,
}
