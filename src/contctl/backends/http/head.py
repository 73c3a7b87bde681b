"""The heads of HTTP/1.1 messages (RFC 9112). Importing http.client takes longer than a whole
request does, and it takes a head that the end of the connection cut for a whole one."""

import io
from collections.abc import Mapping
from typing import NamedTuple

_MAX_LINE = 65_536
_MAX_LINES = 100
_MAX_INTERIM = 8
_MAX_LENGTH = 2**53


class Head(NamedTuple):
    """The head of an answer. headers: by their names in lower case."""

    status: int
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """Without parameters, in lower case; empty where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return "transfer-encoding" in self.headers

    @property
    def length(self) -> int | None:
        """Of the body in bytes; None where the head does not say. Answers with status 204 and 304
        have none (RFC 9112, section 6.3)."""
        if self.status in (204, 304):
            return 0
        text = self.headers.get("content-length")
        return None if text is None else int(text)


def read_head(file: io.BufferedReader) -> Head:
    """The head of the next final answer. EOFError where it is cut; ValueError for what is none."""
    for _ in range(_MAX_INTERIM):
        head = _read_one(file)
        if head.status >= 200 or head.status == 101:
            return head
    raise ValueError("too many interim answers")


def request_head(method: str, path: str, host: str, headers: Mapping[str, str]) -> bytes:
    """The head of a request; ValueError for a header that would be more than one."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("a header that is not one line of ASCII")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _read_one(file: io.BufferedReader) -> Head:
    version, _, rest = _read_line(file).partition(" ")
    status = rest[:3]
    if version != "HTTP/1.1" or not status.isdecimal() or rest[3:4] not in ("", " "):
        raise ValueError("not HTTP/1.1")
    headers: dict[str, str] = {}
    for _ in range(_MAX_LINES):
        line = _read_line(file)
        if not line:
            _check_framing(headers)
            return Head(int(status), headers)
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise ValueError("a line that is no header")
        name = name.lower()
        if name in headers and name in ("content-length", "transfer-encoding", "content-type"):
            raise ValueError(f"{name} is there twice")
        headers[name] = value.strip()
    raise ValueError("too many headers")


def _read_line(file: io.BufferedReader) -> str:
    line = file.readline(_MAX_LINE)
    if not line.endswith(b"\n"):
        if len(line) == _MAX_LINE:
            raise ValueError("a line without an end")
        raise EOFError("cut")
    return line.rstrip(b"\r\n").decode("latin-1")


def _check_framing(headers: Mapping[str, str]) -> None:
    """RFC 9112, section 6: exactly one thing says where the body ends."""
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None and (coding.lower() != "chunked" or length is not None):
        raise ValueError("a body of unknown framing")
    if length is not None and not (
        length.isascii() and length.isdecimal() and int(length[:20]) <= _MAX_LENGTH
    ):
        raise ValueError("a body of no length")
