"""A client and a gateway of different versions: who is older, in words."""

from pathlib import Path

import pytest

from contctl import __version__
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.frames import Kind, pack
from tests.fakes.broken_engines import BrokenEngine, saying
from tests.gateway_client.answers import answer, authority, chunked, problem

NO_OPERATION = ContctlError(
    ErrorCode.UNSUPPORTED, "no such operation", details={"reason": "no-such-operation"}
)
UNKNOWN_FIELD = ContctlError(
    ErrorCode.USAGE, "query: unknown field", details={"reason": "unknown-field"}
)
TOO_FAR = pytest.mark.parametrize(
    "error", [NO_OPERATION, UNKNOWN_FIELD], ids=["operation", "field"]
)
NEWER = {"Contctl-Version": "99.0.1"}
OLDER = {"Contctl-Version": "0.0.9"}
SAME = {"Contctl-Version": __version__}


def _failing(folder: Path, whole: bytes) -> ContctlError:
    with BrokenEngine(folder, saying(whole)) as server, pytest.raises(ContctlError) as caught:
        list(authority(server.address).users.list())
    return caught.value


@TOO_FAR
def test_an_older_gateway(tmp_path: Path, error: ContctlError) -> None:
    told = _failing(tmp_path, problem(error, OLDER))
    assert told.code is ErrorCode.UNSUPPORTED
    assert "0.0.9" in told.message
    assert __version__ in told.message
    assert "the gateway is older" in told.message
    assert "upgrade the gateway" in str(told.hint)


@TOO_FAR
def test_a_newer_gateway(tmp_path: Path, error: ContctlError) -> None:
    told = _failing(tmp_path, problem(error, NEWER))
    assert told.code is ErrorCode.UNSUPPORTED
    assert "this contctl is older" in told.message
    assert told.hint == "upgrade contctl here"


@pytest.mark.parametrize("version", [__version__, "", "banana", f"{__version__}.dev1"])
def test_no_other_version_that_one_could_name(tmp_path: Path, version: str) -> None:
    told = _failing(tmp_path, problem(UNKNOWN_FIELD, {"Contctl-Version": version}))
    assert told.code is ErrorCode.USAGE


def test_a_version_is_told_without_what_does_not_belong_to_it(tmp_path: Path) -> None:
    told = _failing(tmp_path, problem(UNKNOWN_FIELD, {"Contctl-Version": "99.1.\x1b[2J"}))
    assert "is version 99.1 and" in told.message


def test_another_error_of_another_version_is_itself(tmp_path: Path) -> None:
    gone = ContctlError(ErrorCode.NOT_FOUND, "no such user: bob")
    assert _failing(tmp_path, problem(gone, NEWER)).code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("headers", "code"), [(NEWER, ErrorCode.UNSUPPORTED), (SAME, ErrorCode.UNAVAILABLE)]
)
def test_an_answer_with_a_field_of_tomorrow(
    tmp_path: Path, headers: dict[str, str], code: ErrorCode
) -> None:
    user = {"id": "u", "name": "ada", "enabled": True, "created_at": 1, "shoe_size": 43}
    with (
        BrokenEngine(tmp_path, saying(answer(user, headers=headers))) as server,
        pytest.raises(ContctlError) as caught,
    ):
        authority(server.address).users.unlock("ada")
    assert caught.value.code is code


def test_a_stream_with_a_field_of_tomorrow(tmp_path: Path) -> None:
    user = b'{"id":"u","name":"ada","enabled":true,"created_at":1}'
    item = pack(Kind.ITEM, b'{"user":%b,"grants":[],"shoe_size":43}' % user)
    assert _failing(tmp_path, chunked(item, NEWER)).code is ErrorCode.UNSUPPORTED
