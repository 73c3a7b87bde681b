"""What understands a type may be made ahead; it is the same then."""

import json
import subprocess
import sys

import pytest

_SCRIPT = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from contctl.core.domain.containers import Container
from contctl.wire import codec, decoding
if sys.argv[1] == "prepared":
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(codec.prepare, [tuple[Container, ...]] * 64))
    assert not decoding._unmade
rows = codec.decode(tuple[Container, ...], json.load(sys.stdin))
print(repr(rows))
"""
_ROW = {
    "id": "a" * 64, "names": ["web"], "image": "i", "image_id": "sha256:b", "command": "c",
    "created": 1, "state": "running", "status": "Up", "labels": {"k": "v"}, "mounts": [],
    "ports": [{"container_port": 80, "protocol": "tcp"}], "local_volumes": 0, "networks": ["n"],
}  # fmt: skip


def _decoded(way: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, way],
        input=json.dumps([_ROW]),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("way", ["prepared", "unprepared"])
def test_a_listing_is_the_same_either_way(way: str) -> None:
    said = _decoded(way)
    assert said.startswith("(Container(id='aaaa")
    assert "ports=(Port(container_port=80, protocol='tcp'" in said
