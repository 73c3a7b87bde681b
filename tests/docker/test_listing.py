"""Rows of the engine's listing, field by field."""

from typing import Any

import pytest

from contctl.backends.docker.listing import to_container
from contctl.backends.docker.notices import to_event, to_progress
from contctl.core.domain.containers import Port
from contctl.core.domain.streams import Event, Progress

_ROW: dict[str, Any] = {
    "Id": "a" * 64,
    "Names": ["/web"],
    "Image": "busybox",
    "ImageID": "sha256:" + "b" * 64,
    "Command": "sleep 1",
    "Created": 1700000000,
    "State": "running",
    "Status": "Up 2 minutes",
    "Ports": [],
    "Labels": {},
    "NetworkSettings": {"Networks": {}},
    "Mounts": [],
}


def test_its_own_name_comes_first_and_links_keep_their_second_slash() -> None:
    assert to_container({**_ROW, "Names": ["/app/db", "/db"]}).names == ("db", "app/db")
    assert to_container({**_ROW, "Names": None}).name == ""


def test_ports_are_kept_as_they_are_also_twice() -> None:
    ports = [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 53, "Type": "udp"},
    ]
    assert to_container({**_ROW, "Ports": ports}).ports == (
        Port(80, "tcp", "0.0.0.0", 8080),
        Port(80, "tcp", "::", 8080),
        Port(53, "udp"),
    )


def test_mounts_by_name_or_source() -> None:
    mounts = [
        {"Type": "volume", "Name": "data", "Source": "/var/lib/x", "Driver": "local"},
        {"Type": "bind", "Source": "/etc/app", "Destination": "/etc/app"},
        {"Type": "volume", "Name": "far", "Source": "", "Driver": "nfs"},
    ]
    container = to_container({**_ROW, "Mounts": mounts})
    assert container.mounts == ("data", "/etc/app", "far")
    assert container.local_volumes == 1


def test_sizes_that_are_zero_are_left_out_by_the_engine() -> None:
    assert to_container(_ROW).size is None
    sized = to_container({**_ROW, "SizeRootFs": 77}, sized=True)
    assert (sized.size, sized.virtual_size) == (0, 77)


def test_what_the_engine_leaves_empty() -> None:
    empty = {**_ROW, "Ports": None, "Labels": None, "Mounts": None, "NetworkSettings": None}
    container = to_container(empty)
    assert (container.ports, container.labels, container.networks) == ((), {}, ())


@pytest.mark.parametrize("change", [{"Id": 5}, {"Names": [None]}, {"Labels": {"a": 1}}])
def test_another_shape_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises((TypeError, AttributeError, KeyError)):
        to_container({**_ROW, **change})


def test_an_event() -> None:
    actor = {"ID": "a" * 64, "Attributes": {"name": "web"}}
    document = {"Action": "die", "Actor": actor, "timeNano": 5, "time": 0}
    assert to_event(document) == Event(5, "die", "a" * 64, {"name": "web"})


def test_progress() -> None:
    detail = {"current": 5, "total": 10}
    line = {"status": "Downloading", "id": "abc", "progressDetail": detail, "progress": "[=>"}
    assert to_progress(line) == Progress("abc", "Downloading", 5, 10)
    assert to_progress({"status": "Digest: x"}) == Progress("", "Digest: x")


@pytest.mark.parametrize("created", [-1, 10**12, "5", None, 1.5])
def test_a_time_that_is_none_is_refused(created: object) -> None:
    row = {
        "Id": "a" * 64,
        "Image": "i",
        "ImageID": "s",
        "Command": "c",
        "State": "s",
        "Status": "u",
    }
    with pytest.raises(ValueError, match="not a time"):
        to_container({**row, "Created": created})
