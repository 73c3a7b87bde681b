"""The CI token of the environment: which variable gives it, and which files may hold it."""

import os
from pathlib import Path

import pytest

from contctl.backends.environment_token import read_environment_token
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

CANARY = "ctl_canary"


def read(file: Path | str) -> str:
    given = read_environment_token({"CONTCTL_TOKEN_FILE": str(file)})
    assert given is not None
    assert given.variable == "CONTCTL_TOKEN_FILE"
    return given.text.reveal()


def refused(environ: dict[str, str], code: ErrorCode = ErrorCode.STORE) -> str:
    """The line of the error that reading the token raises."""
    with pytest.raises(ContctlError, check=lambda error: error.code is code) as raised:
        read_environment_token(environ)
    error = raised.value
    assert "canary" not in f"{error.message} {error.hint} {error.details}"
    return error.message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{CANARY}\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "environ", [{}, {"CONTCTL_TOKEN": ""}, {"CONTCTL_TOKEN": "", "CONTCTL_TOKEN_FILE": ""}]
)
def test_an_empty_variable_is_as_if_unset(environ: dict[str, str]) -> None:
    assert read_environment_token(environ) is None


@pytest.mark.parametrize("text", [CANARY, f"{CANARY}\n", " ", "\udcff"])
def test_the_variable_is_taken_as_it_is(text: str) -> None:
    given = read_environment_token({"CONTCTL_TOKEN": text, "CONTCTL_TOKEN_FILE": ""})
    assert given == GivenToken("CONTCTL_TOKEN", Secret(text))
    assert "canary" not in repr(given)


def test_two_are_refused(file: Path) -> None:
    both = {"CONTCTL_TOKEN": CANARY, "CONTCTL_TOKEN_FILE": str(file)}
    message = refused(both, ErrorCode.NOT_AUTHENTICATED)
    assert message == "both CONTCTL_TOKEN and CONTCTL_TOKEN_FILE are set"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"ctl_x", "ctl_x"),
        (b"ctl_x\n", "ctl_x"),
        (b"ctl_x\r\n", "ctl_x"),
        (b"ctl_x\n\n", "ctl_x\n"),
        (b" ctl_x \n", " ctl_x "),
        (b"", ""),
        (b"\xff\0", "\udcff\0"),
    ],
)
def test_one_line_ending_is_stripped_and_nothing_else(
    file: Path, content: bytes, text: str
) -> None:
    file.write_bytes(content)
    assert read(file) == text


def test_the_file_may_be_a_link_and_readable_by_others(file: Path, tmp_path: Path) -> None:
    file.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(file)
    assert read(link) == CANARY


@pytest.mark.parametrize("mode", [0o660, 0o606, 0o666])
def test_others_may_not_write_it(file: Path, mode: int) -> None:
    file.chmod(mode)
    message = refused({"CONTCTL_TOKEN_FILE": str(file)})
    assert message == f"CONTCTL_TOKEN_FILE: {file} is refused: others may write it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_it_is_not_another_users(file: Path) -> None:
    os.chown(file, 65534, 65534)
    assert "belongs to uid 65534" in refused({"CONTCTL_TOKEN_FILE": str(file)})


def test_what_is_no_file(file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "loop").symlink_to("loop")
    for name in ("fifo", "loop", "absent", ".", "token/x"):
        message = refused({"CONTCTL_TOKEN_FILE": str(tmp_path / name)})
        assert message.startswith("CONTCTL_TOKEN_FILE: ")
    assert refused({"CONTCTL_TOKEN_FILE": "/dev/zero"}).endswith("it is not a plain file")
    file.write_bytes(b"x" * 4097)
    assert refused({"CONTCTL_TOKEN_FILE": str(file)}).endswith("more than 4096 bytes long")


def test_a_token_in_place_of_a_file_is_not_shown() -> None:
    message = refused({"CONTCTL_TOKEN_FILE": CANARY})
    assert message == "CONTCTL_TOKEN_FILE holds a token, where it is to name a file"
