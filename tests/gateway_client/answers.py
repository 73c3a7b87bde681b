"""Answers as a gateway writes them, byte by byte, and clients of hand-written servers."""

from collections.abc import Mapping

from contctl import __version__
from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.transport import Deadlines, Transport
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError
from contctl.wire import codec, frames, problems

SHORT = Deadlines(connect=1, answer=0.5, silence=0.5)
TOKEN = Secret("the-token")

JSON = {"Content-Type": codec.CONTENT_TYPE}
PROBLEM = {"Content-Type": problems.CONTENT_TYPE}
FRAMES = {"Content-Type": frames.CONTENT_TYPE}
OURS = {"Contctl-Version": __version__}


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer with `value` as JSON."""
    content = codec.dumps(value)
    kind = JSON if status == 200 else PROBLEM
    length = {"Content-Length": str(len(content))}
    return head(status, {**OURS, **kind, **length, **(headers or {})}) + content


def problem(error: ContctlError, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer that tells of `error`."""
    return answer(problems.to_problem(error), problems.status_of(error), headers)


def stream_head(headers: Mapping[str, str] | None = None) -> bytes:
    """The head of an answer in frames."""
    shown = {**OURS, **FRAMES, "Transfer-Encoding": "chunked", **(headers or {})}
    return head(200, shown)


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(content: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer in frames, in two chunks."""
    middle = len(content) // 2
    body = chunk(content[:middle]) + chunk(content[middle:])
    return stream_head(headers) + body + b"0\r\n\r\n"


def items(*values: object) -> bytes:
    """A whole stream of `values`."""
    writer = frames.ItemWriter()
    return b"".join(writer.frames(value) for value in values) + writer.end()


def authority(
    address: str, deadlines: Deadlines = SHORT, ca_file: str | None = None
) -> GatewayAuthority:
    """A client of the gateway at `address` who shows TOKEN."""
    transport = Transport(parse_address(address, ca_file), deadlines)
    return GatewayAuthority(transport, lambda: TOKEN)
