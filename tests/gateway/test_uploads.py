"""Uploads: whole ones, cut ones, refused ones, and how fast they may come."""

import io
import json
import socket
import tarfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.frames import MAX_PAYLOAD, Kind, pack
from tests.bounded import SECONDS, eventually
from tests.gateway.pouring import Pouring
from tests.gateway.served import FRAMES, Served, read_answer, served

TARGET = pack(Kind.ARGUMENTS, json.dumps({"ref": "web", "path": "/tmp"}).encode())
END = pack(Kind.END)


def packed(name: str, content: bytes) -> bytes:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return found.getvalue()


def test_a_whole_upload(gateway: Served) -> None:
    gateway.container("web")
    tar = packed("note", b"hello")
    parts = [pack(Kind.IN, tar[start : start + 1000]) for start in range(0, len(tar), 1000)]
    answer = gateway.admin.upload(TARGET, *parts, END)
    assert (answer.status, answer.body) == (200, b"null")
    back = gateway.admin.call("containers/get_archive", ref="web", path="/tmp/note")
    content = b"".join(payload for kind, payload in back.frames if kind is Kind.OUT)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile("note")
        assert member is not None
        assert member.read() == b"hello"


def test_it_is_refused_as_any_other_operation(gateway: Served) -> None:
    gateway.container("web")
    assert gateway.add(Role.VIEWER).upload(TARGET, END).is_problem(403, "forbidden")
    assert gateway.nobody.upload(TARGET, END).is_problem(401, "not-authenticated")
    elsewhere = pack(Kind.ARGUMENTS, b'{"ref":"no","path":"/"}')
    assert gateway.admin.upload(elsewhere, END).is_problem(404, "not-found")
    json_ = gateway.admin.upload(TARGET, END, Content_Type="application/json")
    assert json_.is_problem(415, "usage", "content-type")
    assert [change[0] for change in gateway.ports.engine.changes] == ["create", "start"]


@pytest.mark.parametrize(
    "frames",
    [
        [TARGET],
        [TARGET, pack(Kind.IN, b"half")],
        [TARGET, pack(Kind.IN, b"half")[:-1]],
        [TARGET, END[:-1]],
        [TARGET, pack(Kind.IN, b"x"), pack(Kind.OUT, b"x"), END],
        [TARGET, END, pack(Kind.IN, b"late")],
        [TARGET, b"\xff\x00\x00\x00\x00", END],
        [TARGET, b"\x00\xff\xff\xff\xff"],
    ],
    ids=["no end", "in", "cut in", "cut end", "a kind", "late", "unknown kind", "huge"],
)
def test_an_upload_without_its_end_is_none(tmp_path: Path, frames: list[bytes]) -> None:
    authority = Pouring()
    with served(tmp_path, offer=lambda _: authority) as gateway:
        assert gateway.nobody.upload(*frames).is_problem(400, "usage", "bad-frame")
        eventually(lambda: authority.cut is not None, "the service's source has failed")
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


@pytest.mark.parametrize(
    "frames", [[], [END], [pack(Kind.IN, b"x"), TARGET, END]], ids=["none", "end", "late"]
)
def test_the_arguments_come_first(tmp_path: Path, frames: list[bytes]) -> None:
    authority = Pouring()
    with served(tmp_path, offer=lambda _: authority) as gateway:
        assert gateway.nobody.upload(*frames).is_problem(400, "usage", "bad-frame")
        assert not authority.received
    arguments = pack(Kind.ARGUMENTS, b'{"ref":"web","path":"/","more":1}')
    folder = tmp_path / "again"
    folder.mkdir()
    with served(folder, offer=lambda _: authority) as gateway:
        answer = gateway.nobody.upload(arguments, END)
        assert answer.is_problem(400, "usage", "unknown-field")


def test_a_peer_that_leaves_cuts_it(tmp_path: Path) -> None:
    authority = Pouring()
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.connect() as connection:
            head = gateway.nobody.head("/v1/containers/put_archive", 1_000_000, Content_Type=FRAMES)
            connection.sendall(head + TARGET + pack(Kind.IN, b"half"))
            eventually(lambda: authority.received == [b"half"], "the service has read")
        eventually(lambda: authority.cut is not None, "the service's source has failed")
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def test_an_early_refusal_is_answered_while_more_comes(tmp_path: Path) -> None:
    authority = Pouring()
    authority.refusal = ContctlError(ErrorCode.NOT_FOUND, "no such folder")
    with served(tmp_path, offer=lambda _: authority) as gateway:
        piece = pack(Kind.IN, b"x" * MAX_PAYLOAD)
        head = gateway.nobody.head(
            "/v1/containers/put_archive", len(piece) * 1000, Content_Type=FRAMES
        )
        with gateway.nobody.connect() as connection:
            connection.sendall(head + TARGET + piece)
            started = time.monotonic()
            assert read_answer(connection).is_problem(404, "not-found")
            assert time.monotonic() - started < 5


def sent_before_a_pause(connection: socket.socket, data: bytes) -> int:
    """How much of `data` can be sent until for a second no more can be."""
    connection.settimeout(1)
    sent = 0
    with suppress(TimeoutError):
        while sent < len(data):
            sent += connection.send(data[sent : sent + 65536])
    return sent


def test_a_slow_engine_holds_the_peer_back(tmp_path: Path) -> None:
    authority = Pouring()
    authority.swallowing = threading.Semaphore(0)
    with served(tmp_path, offer=lambda _: authority) as gateway:
        piece = pack(Kind.IN, b"x" * 65536)
        frames = TARGET + piece * 400 + END
        with gateway.nobody.connect() as connection:
            connection.sendall(
                gateway.nobody.head("/v1/containers/put_archive", len(frames), Content_Type=FRAMES)
            )
            sent = sent_before_a_pause(connection, frames)
            assert sent < 4 * 1024 * 1024
            for _ in range(400):
                authority.swallowing.release()
            connection.settimeout(SECONDS)
            connection.sendall(frames[sent:])
            assert read_answer(connection).status == 200
        assert len(authority.received) == 400
