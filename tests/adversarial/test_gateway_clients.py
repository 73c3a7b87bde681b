"""The installed command at a hostile gateway, or at one of another version."""

import time
from pathlib import Path

import pytest

from contctl.core.domain.ci_tokens import ID_BYTES, SECRET_BYTES, token_text
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.frames import Kind, pack
from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import Machine
from tests.e2e.screens import HOSTILE, assert_harmless
from tests.fakes.broken_engines import Behaviour, BrokenEngine, endless, saying
from tests.gateway_client.answers import FRAMES, JSON, OURS, chunk, chunked, head, problem
from tests.gateway_client.test_hostile_gateways import GARBAGE

COMMANDS = (("ps",), ("user", "ls"), ("logs", "web"), ("stop", "web"), ("inspect", "web"))
SOME_TOKEN = {"CONTCTL_TOKEN": token_text(b"i" * ID_BYTES, b"s" * SECRET_BYTES).reveal()}


@pytest.fixture
def client(tmp_path: Path) -> Machine:
    """A machine whose commands go to the gateway at `tmp_path`/broken.sock."""
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file", "CONTCTL_CONTEXT": "gw"})
    machine.done("context", "create", "gw", "--gateway", f"unix://{tmp_path}/broken.sock")
    machine.environ |= SOME_TOKEN
    return machine


def assert_each_refused(client: Machine, behave: Behaviour, code: int, words: str = "") -> None:
    """Assert that at such a gateway every command ends in one error line."""
    with BrokenEngine(client.home, behave):
        for command in COMMANDS:
            begun = time.monotonic()
            assert_refused(client.run(*command), code, words)
            assert time.monotonic() - begun < 30


@pytest.mark.parametrize("kind", sorted(GARBAGE))
def test_no_gateways_answer(client: Machine, kind: str) -> None:
    with BrokenEngine(client.home, saying(GARBAGE[kind])):
        assert_refused(client.run("logs", "web"), 7)


@pytest.mark.parametrize("code", [ErrorCode.FORBIDDEN, ErrorCode.FAILED])
def test_hostile_texts(client: Machine, code: ErrorCode) -> None:
    error = ContctlError(code, HOSTILE, hint=HOSTILE, details={"reason": HOSTILE})
    with BrokenEngine(client.home, saying(problem(error))):
        for command in COMMANDS:
            result = client.run(*command)
            assert result.code not in (0, 70)
            assert result.out == ""
            assert_harmless(result.err)
            assert len(result.err.splitlines()) <= 2
            assert_harmless(client.shown(*command)[1])


def test_an_answer_that_is_endless(client: Machine) -> None:
    document = head(200, {**OURS, **JSON, "Transfer-Encoding": "chunked"})
    with BrokenEngine(client.home, endless(document, chunk(b" " * 65536))):
        assert_refused(client.run("ps"), 7)
    frames = head(200, {**OURS, **FRAMES, "Transfer-Encoding": "chunked"})
    with BrokenEngine(client.home, endless(frames, chunk(pack(Kind.OUT, b"x" * 1000)))):
        assert_refused(client.run("logs", "web"), 7)


@pytest.mark.parametrize(
    ("version", "words"), [("0.0.1", "the gateway is older"), ("99.1", "this contctl is older")]
)
@pytest.mark.parametrize("reason", ["no-such-operation", "unknown-field"])
def test_another_version(client: Machine, version: str, words: str, reason: str) -> None:
    error = ContctlError(ErrorCode.USAGE, "no", details={"reason": reason})
    told = problem(error, {"Contctl-Version": version})
    assert_each_refused(client, saying(told), 8, words)


def test_an_answer_cut_midway(client: Machine) -> None:
    whole = chunked(pack(Kind.OUT, b"hello"))
    for end in (1, 20, len(whole) // 2, len(whole) - 20):
        assert_each_refused(client, saying(whole[:end]), 7)
