"""Numbers, sizes, times and mounts as docker's options have them; any other text is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.container.devices import (
    bytes_rate,
    gpus_of,
    operations_rate,
    ulimit_of,
    weight_of,
)
from contctl.commands.container.mounts import mount_of
from contctl.commands.container.networks import endpoint_of
from contctl.commands.container.quantities import (
    nano_cpus,
    nanoseconds,
    natural16,
    size_of,
    swap_of,
    whole,
)
from contctl.core.domain.mounts import BindOptions, Mount, TmpfsOptions, VolumeOptions
from contctl.core.domain.networking import Endpoint
from contctl.core.domain.privileges import DeviceRequest

LARGEST = 2**62


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (size_of, "32", 32),
        (size_of, "32b", 32),
        (size_of, "32kb", 32 << 10),
        (size_of, "32KiB", 32 << 10),
        (size_of, "32.5 kB", 33280),
        (size_of, "1G", 1 << 30),
        (size_of, "1tb", 1 << 40),
        (size_of, "3p", 3 << 50),
        (size_of, "0.3 K", 307),
        (size_of, "1e3", 1000),
        (size_of, ".5k", 512),
        (swap_of, "-1", -1),
        (swap_of, "1k", 1024),
        (whole, "010", 8),
        (whole, "0x1F", 31),
        (whole, "-1", -1),
        (whole, "1_000", 1000),
        (natural16, "65535", 65535),
        (nano_cpus, "1.5", 1_500_000_000),
        (nano_cpus, "1/4", 250_000_000),
        (nano_cpus, "1e-1", 100_000_000),
        (nanoseconds, "1h2m3.5s", 3_723_500_000_000),
        (nanoseconds, "100ms", 100_000_000),
        (nanoseconds, "1.5µs", 1500),
        (nanoseconds, "-1s", -1_000_000_000),
        (nanoseconds, "0", 0),
        (nanoseconds, ".5s", 500_000_000),
    ],
)
def test_values(parse: Callable[[str], int], text: str, value: int) -> None:
    assert parse(text) == value


@given(
    st.sampled_from([size_of, swap_of, whole, natural16, nano_cpus, nanoseconds]),
    st.text(max_size=30) | st.from_regex(r"[-+]?[0-9._/eE]*[a-z]{0,3}", fullmatch=True),
)
def test_any_text_is_a_number_or_refused(parse: Callable[[str], int], text: str) -> None:
    try:
        value = parse(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - both ends are right
    else:
        assert -LARGEST <= value <= LARGEST
        if parse in (size_of, natural16):
            assert value >= 0


@given(st.integers(0, 2**50))
def test_numbers_are_themselves(number: int) -> None:
    assert size_of(str(number)) == number
    assert whole(str(number)) == number
    assert whole(hex(number)) == number
    assert nanoseconds(f"{number}ns") == number
    assert size_of(f"{number % 1024}k") == number % 1024 * 1024


@given(
    st.sampled_from(
        [mount_of, endpoint_of, gpus_of, ulimit_of, weight_of, bytes_rate, operations_rate]
    ),
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(["type=bind", "dst=/b", "ro", "name=n", "a=b", '"', "ip=x", "count=1"]),
        max_size=4,
    ).map(",".join),
)
def test_any_text_is_a_value_or_refused(parse: Callable[[str], object], text: str) -> None:
    try:
        assert parse(text) is not None
    except ValueError as error:
        assert str(error)  # noqa: PT017 - both ends are right


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("dst=/b", Mount("volume", "/b")),
        ("type=bind,src=/a,target=/b,readonly", Mount("bind", "/b", "/a", read_only=True)),
        ("type=bind,source=/a,destination=/b,ro=false", Mount("bind", "/b", "/a")),
        (
            "type=bind,src=/a,dst=/b,bind-propagation=rslave,bind-recursive=disabled",
            Mount("bind", "/b", "/a", bind=BindOptions("rslave", non_recursive=True)),
        ),
        ('type=bind,"src=/a,b",dst=/b', Mount("bind", "/b", "/a,b")),
        (
            "type=volume,src=v,dst=/b,volume-driver=local,volume-opt=a=b=c,volume-label=x",
            Mount(
                "volume", "/b", "v", volume=VolumeOptions(False, {"x": ""}, "local", {"a": "b=c"})
            ),
        ),
        (
            "type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=1777",
            Mount("tmpfs", "/b", tmpfs=TmpfsOptions(1 << 20, 0o1777)),
        ),
        (
            "TYPE=Image,src=busybox,dst=/b,image-subpath=bin",
            Mount("image", "/b", "busybox", image_subpath="bin"),
        ),
    ],
)
def test_mounts(text: str, mount: Mount) -> None:
    assert mount_of(text) == mount


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("web", Endpoint("web")),
        ("container:db", Endpoint("container:db")),
        (
            "name=web,alias=a,alias=b,ip=10.0.0.2,driver-opt=x=y,gw-priority=5",
            Endpoint(
                "web", ("a", "b"), ipv4="10.0.0.2", driver_options={"x": "y"}, gateway_priority=5
            ),
        ),
        (
            "name=web,mac-address=02:42:ac:11:00:99,link-local-ip=169.254.1.1",
            Endpoint("web", mac="02:42:ac:11:00:99", link_local=("169.254.1.1",)),
        ),
    ],
)
def test_networks(text: str, endpoint: Endpoint) -> None:
    assert endpoint_of(text) == endpoint


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("all", DeviceRequest(count=-1, capabilities=(("gpu",),))),
        ("2", DeviceRequest(count=2, capabilities=(("gpu",),))),
        ('"device=0,2"', DeviceRequest(ids=("0", "2"), capabilities=(("gpu",),))),
        (
            '"capabilities=compute,utility",options=a=b,driver=nvidia',
            DeviceRequest("nvidia", 1, (), (("compute", "utility", "gpu"),), {"a": "b"}),
        ),
    ],
)
def test_gpus(text: str, request_: DeviceRequest) -> None:
    assert gpus_of(text) == request_
