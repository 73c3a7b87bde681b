"""Times as docker takes them, held to docker's own program."""

import os
import shutil
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.times import moment
from contctl.core.errors import ContctlError, ErrorCode
from tests.requirements import unavailable

ZONE = "Asia/Kolkata"
NOW = 1_700_000_000.75
EXACT = [
    "1136073600", "1136073600.5", "0", "-5", "+5", "1.5", "1136073600.000000001", "5.",
    "2013-01-02T13:23:37Z", "2013-01-02T13:23:37.123456789Z", "2013-01-02T13:23:37,5Z",
    "2013-01-02T13:23:37+02:00", "2013-01-02T13:23:37.5-07:30", "2013-01-02T13:23+02:00",
    "2013-01-02T13+02:00", "2013-01-02T13Z", "2013-01-02T13:23Z", "2013-01-02Z",
    "2013-01-02-01:00", "2013-01-02+01:00", "2013-01-02T13:23:37", "2013-01-02T13:23:37.5",
    "2013-01-02T13:23", "2013-01-02T13", "2013-01-02T3:04", "2013-01-02", "2016-07-15",
    "2013-01-02T13:23:37z", "2013-01-02t13:23:37Z", "2013-01-02 13:23:37", "2013-13-02",
    "2013-02-30", "2013-01-02T24:00", "2013-01-02T13:60", "2013-01-02T13:23:60",
    "2013-01-02T13:23:37+2:00", "2013-01-02T13:23:37+02:60", "yesterday", "10d", "1h 30m", "h",
    "..", ".", "-", "1e3", "0x10", "1_000", "2013-1-2", "T13", "10", "2013",
]  # fmt: skip
AGO = [
    "10m", "1h30m", "1.5h", "90s", "500ms", "-10m", "+10m", "0s", "0h0m", "1us", "1\u00b5s",
    "1\u03bcs", "1ns", ".5h", "1.h", "1h-30m", "100000h",
]  # fmt: skip


class Engine(socketserver.ThreadingUnixStreamServer):
    """Answers `GET /events` at once, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        self.asked: list[dict[str, list[str]]] = []
        super().__init__(path, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.endswith("/events"):
            self.server.asked.append(parse_qs(url.query))
        self.send_response(200)
        self.send_header("API-Version", "1.41")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def address_string(self) -> str:
        return "docker"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Docker"]:
    """docker's own program before an engine that only listens."""
    folder = tmp_path_factory.mktemp("times")
    with Engine(str(folder / "engine.sock")) as engine:
        threading.Thread(target=engine.serve_forever, daemon=True).start()
        yield Docker(engine, folder)
        engine.shutdown()


class Docker:
    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        program = shutil.which("docker")
        if program is None:
            unavailable("docker's command line is not installed")
        self._command = (program, "-H", f"unix://{home}/engine.sock", "events", "--until=1")
        self._environ = {**os.environ, "HOME": str(home), "TZ": ZONE}
        self._environ.pop("DOCKER_CONTEXT", None)

    def since(self, text: str) -> float | None:
        """What docker asks the engine for; None where it refuses `text`."""
        self._engine.asked.clear()
        subprocess.run(
            (*self._command, f"--since={text}"),
            env=self._environ, capture_output=True, check=False, timeout=20,
        )  # fmt: skip
        asked = self._engine.asked
        return float(asked[0]["since"][0]) if asked else None


@pytest.fixture
def _in_india() -> Iterator[None]:
    """The zone of `docker`."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = ZONE
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def ours(text: str, now: float) -> float | None:
    with suppress(ContctlError):
        return moment(text, now)
    with pytest.raises(ContctlError) as raised:
        moment(text, now)
    assert raised.value.code is ErrorCode.USAGE
    return None


@pytest.mark.usefixtures("_in_india")
def test_times_are_dockers(docker: Docker) -> None:
    wrong = {
        text: (ours(text, NOW), theirs)
        for text in EXACT
        if ours(text, NOW) != (theirs := docker.since(text))
    }
    assert not wrong


@pytest.mark.usefixtures("_in_india")
def test_durations_are_dockers(docker: Docker) -> None:
    for text in AGO:
        before = ours(text, time.time())
        theirs = docker.since(text)
        after = ours(text, time.time())
        if theirs is None:
            assert before is None, text
        else:
            assert before is not None, text
            assert after is not None, text
            assert before <= theirs <= after, text


@given(st.text(max_size=20) | st.from_regex(r"[0-9T:.Z+-]{0,24}"))
def test_any_text_is_a_time_or_a_usage_error(text: str) -> None:
    found = ours(text, NOW)
    assert found is None or isinstance(found, int | float)
