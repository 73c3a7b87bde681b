"""When a gateway's certificate ends, asked of real ones on loopback."""

import time
from pathlib import Path

import pytest

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.probe import ProbingTransport
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.broken_engines import saying, silent
from tests.gateway_client.servers import certificate, serving

DAY = 86400


def test_when_it_ends(tmp_path: Path) -> None:
    local = certificate(tmp_path, "127.0.0.1", days=3)
    with serving(saying(b""), local) as port:
        address = parse_address(f"https://127.0.0.1:{port}", str(local.cert))
        ends = ProbingTransport(address).certificate_ends()
    assert ends is not None
    assert 2.9 * DAY < ends - time.time() < 3.1 * DAY
    with pytest.raises(ContctlError) as caught:
        ProbingTransport(address).certificate_ends()
    assert caught.value.code is ErrorCode.UNAVAILABLE


def test_one_that_is_not_trusted_is_not_looked_at(tmp_path: Path) -> None:
    local = certificate(tmp_path, "gateway.example")
    with serving(silent, local) as port:
        address = parse_address(f"https://127.0.0.1:{port}", str(local.cert))
        with pytest.raises(ContctlError) as caught:
            ProbingTransport(address).certificate_ends()
    assert caught.value.code is ErrorCode.UNAVAILABLE


def test_a_socket_has_none(tmp_path: Path) -> None:
    address = parse_address(f"unix://{tmp_path}/absent.sock")
    assert ProbingTransport(address).certificate_ends() is None
