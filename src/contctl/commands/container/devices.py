"""`--device`, `--gpus`, `--ulimit` and the limits of devices as docker reads them.

Sources: docker/cli 28, cli/command/container/opts.go, opts/gpus.go, opts/throttledevice.go and
opts/weightdevice.go; docker/go-units, ulimit.go.
"""

import glob
import posixpath
import re

from contctl.commands.container.given import usage
from contctl.commands.container.mounts import csv_fields
from contctl.commands.container.quantities import natural, natural16, size_of, whole
from contctl.core.domain.limits import DeviceRate, Ulimit
from contctl.core.domain.privileges import Device, DeviceRequest

_CDI = re.compile(r"[a-zA-Z](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?/[a-zA-Z0-9._-]+=[^/=]+", re.ASCII)
_RULE = re.compile(r"[acb] (?:[0-9]+|\*):(?:[0-9]+|\*) [rwm]{1,3}", re.ASCII)
_ULIMITS = (
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc",
    "rss", "rtprio", "rttime", "sigpending", "stack",
)  # fmt: skip
_UNITS = "Unit is optional and can be kb, mb, or gb"


def is_cdi(text: str) -> bool:
    """Whether it names a device by a vendor's name (Container Device Interface)."""
    return _CDI.fullmatch(text) is not None


def cdi_request(texts: tuple[str, ...]) -> DeviceRequest:
    """The request for devices by vendors' names."""
    return DeviceRequest(driver="cdi", ids=texts)


def devices_of(text: str) -> tuple[Device, ...]:
    """`PATH[:TARGET][:PERMISSIONS]`; a path that ends in `*` is each that is there."""
    parts = text.split(":")
    if len(parts) > 3 or not parts[0]:
        raise usage(f"bad format for path: {text}")
    source, target, permissions = parts[0], "", "rwm"
    if len(parts) == 3:
        target, permissions = parts[1], parts[2]
        if not _is_mode(permissions):
            raise usage(f"bad mode specified: {permissions}")
    elif len(parts) == 2 and _is_mode(parts[1]):
        permissions = parts[1]
    elif len(parts) == 2:
        target = parts[1]
    inside = target or source
    if not inside.startswith("/"):
        raise usage(f"{inside} is not an absolute path")
    if source.endswith("*"):
        if target:
            raise usage(f"device with * suffix can't have dst: {text}")
        return tuple(Device(path, path, permissions) for path in sorted(glob.glob(source)))
    cleaned = posixpath.normpath(source) if not target else source
    return (Device(cleaned, target or cleaned, permissions),)


def device_rule(text: str) -> str:
    """`TYPE MAJOR:MINOR PERMISSIONS`; ValueError."""
    if _RULE.fullmatch(text) is None:
        raise ValueError(f"invalid device cgroup format '{text}'")
    return text


def gpus_of(text: str) -> DeviceRequest:
    """`all`, a count, or `device=0,driver=nvidia,capabilities=compute,options=a=b`; ValueError."""
    values: dict[str, str] = {}
    for field in csv_fields(text):
        key, equals, value = field.partition("=")
        if key in values:
            raise ValueError(f"gpu request key '{key}' can be specified only once")
        if equals and key not in ("driver", "count", "device", "capabilities", "options"):
            raise ValueError(f"unexpected key '{key}' in '{field}'")
        values[key if equals else "count"] = value if equals else key
    ids = tuple(values["device"].split(",")) if "device" in values else ()
    capabilities = values["capabilities"].split(",") if "capabilities" in values else []
    options = csv_fields(values["options"]) if "options" in values else []
    return DeviceRequest(
        driver=values.get("driver", ""),
        count=_count(values["count"]) if "count" in values else 0 if ids else 1,
        ids=ids,
        capabilities=((*capabilities, "gpu"),),
        options={key: value for key, _, value in (each.partition("=") for each in options)},
    )


def ulimit_of(text: str) -> Ulimit:
    """`NAME=SOFT[:HARD]`, -1 for no limit; ValueError."""
    name, equals, limits = text.partition("=")
    if not equals:
        raise ValueError(f"invalid ulimit argument: {text}")
    if name not in _ULIMITS:
        raise ValueError(f"invalid ulimit type: {name}")
    values = limits.split(":")
    if len(values) > 2:
        raise ValueError(
            f"too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`"
        )
    soft, hard = whole(values[0]), whole(values[-1])
    before = "ulimit soft limit must be less than or equal to hard limit"
    if hard != -1 and soft == -1:
        raise ValueError(f"{before}: soft: -1 (unlimited), hard: {hard}")
    if hard != -1 and soft > hard:
        raise ValueError(f"{before}: {soft} > {hard}")
    return Ulimit(name, soft, hard)


def weight_of(text: str) -> DeviceRate:
    """`DEVICE:WEIGHT`, from 10 to 1000 or 0; ValueError."""
    path, value = _of_device(text)
    try:
        weight = natural16(value)
    except ValueError:
        weight = -1
    if weight != 0 and not 10 <= weight <= 1000:
        raise ValueError(f"invalid weight for device: {text}")
    return DeviceRate(path, weight)


def bytes_rate(text: str) -> DeviceRate:
    """`DEVICE:SIZE` a second; ValueError."""
    path, value = _of_device(text)
    try:
        return DeviceRate(path, size_of(value))
    except ValueError:
        form = f"<device-path>:<number>[<unit>]. Number must be a positive integer. {_UNITS}"
        raise ValueError(f"invalid rate for device: {text}. The correct format is {form}") from None


def operations_rate(text: str) -> DeviceRate:
    """`DEVICE:NUMBER` of operations a second; ValueError."""
    path, value = _of_device(text)
    try:
        return DeviceRate(path, natural(value))
    except ValueError:
        form = "<device-path>:<number>. Number must be a positive integer"
        raise ValueError(f"invalid rate for device: {text}. The correct format is {form}") from None


def _of_device(text: str) -> tuple[str, str]:
    path, colon, value = text.partition(":")
    if not colon or not path:
        raise ValueError(f"bad format: {text}")
    if not path.startswith("/dev/"):
        raise ValueError(f"bad format for device path: {text}")
    return path, value


def _is_mode(text: str) -> bool:
    return bool(text) and set(text) <= set("rwm") and len(set(text)) == len(text)


def _count(text: str) -> int:
    if text == "all":
        return -1
    try:
        return int(text) if text.lstrip("+-").isascii() and len(text) < 18 else whole(text)
    except ValueError:
        raise ValueError(
            f'invalid count ({text}): value must be either "all" or an integer: invalid syntax'
        ) from None
