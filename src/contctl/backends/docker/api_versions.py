"""Fields of a request to create a container that older engines would leave out in silence.

Source: Docker Engine API, version history; docker's command line refuses them in the same way.
"""

from collections.abc import Callable, Iterator

from contctl.core.domain.containers import Json
from contctl.core.errors import ContctlError, ErrorCode

Version = tuple[int, int]
Find = Callable[[Json], object]


def check_fields(body: Json, api_version: str) -> None:
    """ContctlError UNSUPPORTED where `body` asks for what an engine of `api_version` cannot do."""
    spoken = _version(api_version)
    for needed, what, find in _NEWER:
        if spoken < needed and find(body):
            raise ContctlError(
                ErrorCode.UNSUPPORTED,
                f"this engine cannot {what}: that needs API version {needed[0]}.{needed[1]},"
                f" and it has {api_version}",
            )


def _version(text: str) -> Version:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def _host(name: str) -> Find:
    return lambda body: body["HostConfig"].get(name)


def _mount(part: str, name: str) -> Find:
    return lambda body: any((m.get(part) or {}).get(name) for m in _mounts(body))


def _endpoint(name: str) -> Find:
    return lambda body: any(each.get(name) for each in _endpoints(body).values())


def _mounts(body: Json) -> Iterator[Json]:
    yield from body["HostConfig"].get("Mounts") or ()


def _endpoints(body: Json) -> Json:
    endpoints: Json = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    return endpoints


_NEWER: tuple[tuple[Version, str, Find], ...] = (
    ((1, 40), "leave out mounts below a bind mount", _mount("BindOptions", "NonRecursive")),
    ((1, 40), "give GPUs", _host("DeviceRequests")),
    ((1, 41), "choose a cgroup namespace", _host("CgroupnsMode")),
    ((1, 43), "take annotations", _host("Annotations")),
    (
        (1, 44),
        "check more often at the start",
        lambda body: (body.get("Healthcheck") or {}).get("StartInterval"),
    ),
    ((1, 44), "give a MAC address on a network", _endpoint("MacAddress")),
    ((1, 44), "join several networks at a create", lambda body: len(_endpoints(body)) > 1),
    (
        (1, 44),
        "leave mounts below a read-only one writable",
        _mount("BindOptions", "ReadOnlyNonRecursive"),
    ),
    (
        (1, 44),
        "force mounts below a read-only one",
        _mount("BindOptions", "ReadOnlyForceRecursive"),
    ),
    ((1, 45), "mount a part of a volume", _mount("VolumeOptions", "Subpath")),
    ((1, 48), "choose between gateways", _endpoint("GwPriority")),
    (
        (1, 48),
        "mount images",
        lambda body: any(m.get("Type") == "image" for m in _mounts(body)),
    ),
)
