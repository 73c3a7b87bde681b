"""JSON Lines: what they hold, what they never hold, and readers that do not read."""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from contctl.gateway.logs import JsonLines, line
from tests.bounded import eventually


def record(event: str, *args: object, **extras: Any) -> logging.LogRecord:
    """A record of contctl's, as `logging` makes them."""
    logger = logging.getLogger("contctl.gateway")
    return logger.makeRecord(
        logger.name, logging.INFO, "file.py", 1, event, args, extras.pop("exc_info", None),
        extra=extras,
    )  # fmt: skip


def test_a_line() -> None:
    before = time.time()
    content = line(record("request", operation="containers/list", status=200))
    assert content.endswith(b"\n")
    document = json.loads(content)
    assert list(document) == ["time", "level", "event", "operation", "status"]
    assert document["level"] == "info"
    assert document["event"] == "request"
    assert document["time"].endswith("Z")
    assert abs(datetime.fromisoformat(document["time"]).timestamp() - before) < 5


@pytest.mark.parametrize(
    "hostile", ["\n{}", "\x1b]8;;x\x07", "\u202e", "\udc80", "\0", '"}', "x" * 100_000]
)
def test_hostile_text_is_one_short_line_of_ascii(hostile: str) -> None:
    content = line(record(f"event {hostile}", path=hostile))
    assert content.count(b"\n") == 1
    assert content.isascii()
    assert content[:-1].decode().isprintable()
    assert len(content) < 30_000
    assert json.loads(content)["path"] == hostile[:2000]


class Opaque:
    """Its text is a secret."""

    def __repr__(self) -> str:
        return "canary"


def raised() -> Exception:
    """An exception with a secret text."""
    try:
        raise ValueError("canary")
    except ValueError as error:
        return error


def test_no_text_of_foreign_objects_and_exceptions() -> None:
    error = raised()
    content = line(record("bug", x=Opaque(), exc_info=(type(error), error, error.__traceback__)))
    assert b"canary" not in content
    document = json.loads(content)
    assert document["x"] == "Opaque"
    assert document["error"] == "ValueError"
    assert document["at"][0].startswith("test_logs.py:")
    assert document["at"][0].endswith(" raised")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; closed at the end, where a test has not done so."""
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_lines_are_written_in_order(pipe: tuple[int, int]) -> None:
    handler = JsonLines(pipe[1])
    for index in range(100):
        handler.emit(record("one", index=index))
    handler.close()
    lines = os.read(pipe[0], 65536).splitlines()
    assert [json.loads(each)["index"] for each in lines] == list(range(100))


def test_a_closed_pipe_stops_nothing(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    handler = JsonLines(pipe[1])
    for _ in range(100):
        handler.emit(record("lost"))
    handler.close()


def test_a_full_pipe_stops_nothing_and_losses_are_counted(pipe: tuple[int, int]) -> None:
    handler = JsonLines(pipe[1])
    started = time.monotonic()
    for index in range(12_000):
        handler.emit(record("one", index=index))
    assert time.monotonic() - started < 5
    found: list[dict[str, Any]] = []

    def read() -> None:
        with open(pipe[0], "rb", closefd=False) as file:
            for each in file:
                found.append(json.loads(each))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    eventually(lambda: len(found) > 2000, "there is room again")
    handler.emit(record("last"))
    eventually(lambda: found[-1]["event"] == "last", "all is written")
    handler.close()
    os.close(pipe[1])
    reader.join(20)
    written = [each["index"] for each in found if each["event"] == "one"]
    lost = [each["lost"] for each in found if each["event"] == "log records were lost"]
    assert written == sorted(written)
    assert sum(lost) + len(written) == 12_000
    assert sum(lost) > 0


def test_a_pipe_that_nobody_reads_does_not_hold_the_end_up(pipe: tuple[int, int]) -> None:
    handler = JsonLines(pipe[1])
    for _ in range(20_000):
        handler.emit(record("waits"))
    started = time.monotonic()
    handler.close()
    assert time.monotonic() - started < 5
