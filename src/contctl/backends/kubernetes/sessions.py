"""A process in a pod and its streams.

Source: Kubernetes, apimachinery `pkg/util/remotecommand` and client-go `tools/remotecommand`: one
SPDY stream for each of the standard streams, one for sizes of a terminal and one for the end, on
which version 4 of the protocol tells a Status object.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from contctl.backends.kubernetes import spdy
from contctl.backends.kubernetes.errors import cut
from contctl.core.domain.streams import Err, Out

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.wire import Wire
    from contctl.core.domain.containers import Json

PROTOCOL = {"X-Stream-Protocol-Version": "v4.channel.k8s.io"}
_STATUS = "error"
_RESIZE = "resize"


class Session:
    """An exec or attach that has begun. streams: of `stdin`, `stdout` and `stderr`."""

    def __init__(self, cluster: Cluster, wire: Wire, streams: Sequence[str], *, tty: bool) -> None:
        self._cluster = cluster
        self._wire = wire
        self._decoder = spdy.Decoder()
        self._ready: deque[spdy.Received] = deque()
        self._sending = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._told = b""
        names = (_STATUS, *streams, *([_RESIZE] if tty else []))
        self._ids = {name: 2 * index + 1 for index, name in enumerate(names)}
        self.status: Json | None = None
        encoder = spdy.Encoder()
        with cluster.reaching():
            for name, stream in self._ids.items():
                wire.write(encoder.open(stream, {"streamtype": name}))

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return self._wire.closed

    def read(self) -> Out | Err | None:
        """What the process wrote; None at its end, when `status` is known, and once it was closed
        here. UNAVAILABLE where the connection is cut."""
        while self.status is None and not self.closed:
            if not self._ready:
                self._fill()
                continue
            output = self._take(self._ready.popleft())
            if output is not None:
                return output
        return None

    def write(self, content: bytes) -> None:
        """Send to its standard input; dropped in silence once the process has ended."""
        stream = self._ids["stdin"]
        for at in range(0, len(content), spdy.PIECE):
            self._send(spdy.data(stream, content[at : at + spdy.PIECE]))

    def close_write(self) -> None:
        """Close its standard input."""
        self._send(spdy.data(self._ids["stdin"], b"", last=True))

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal a size; nothing where it has none."""
        if _RESIZE in self._ids:
            size = json.dumps({"Width": columns, "Height": rows}).encode()
            self._send(spdy.data(self._ids[_RESIZE], size))

    def close(self) -> None:
        """Leave it, and wake who reads or writes; may be called more than once."""
        self._wire.close()

    def _take(self, frame: spdy.Received) -> Out | Err | None:
        if frame.kind == spdy.PING:
            self._waiting.append(spdy.pong(frame.data))
            self._answer()
        if frame.kind != 0:
            return None
        if frame.stream == self._ids[_STATUS]:
            self._told += frame.data
            with suppress(ValueError):
                told = json.loads(self._told)
                self.status = told if isinstance(told, dict) else {}
        if not frame.data:
            return None
        if frame.stream == self._ids.get("stdout"):
            return Out(frame.data)
        return Err(frame.data) if frame.stream == self._ids.get("stderr") else None

    def _fill(self) -> None:
        try:
            with self._cluster.reaching():
                piece = self._wire.read()
        except Exception:
            if self.closed:
                return
            raise
        if piece:
            self._ready.extend(self._decoder.feed(piece))
        elif not self.closed:
            raise cut(self._cluster.access)

    def _send(self, frame: bytes) -> None:
        if self.closed or self.status is not None:
            return
        with self._sending, suppress(OSError):
            self._wire.write(frame)
        self._answer()

    def _answer(self) -> None:
        """Send what waits, unless somebody is sending, who does it then: a reader that waited for
        a writer, which waits for the process, which waits for the reader, would wait for ever."""
        while self._waiting and self._sending.acquire(blocking=False):
            try:
                with suppress(OSError, IndexError):
                    self._wire.write(self._waiting.popleft())
            finally:
                self._sending.release()
