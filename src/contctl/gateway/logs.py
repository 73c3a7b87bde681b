"""Structured logs: one JSON object a line on standard error. Writing them never stops the gateway:
a thread of its own writes, and what it cannot keep up with is dropped and counted."""

import json
import logging
import os
import queue
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LONGEST = 2000
_MOST_WAITING = 10_000
_DEEPEST = 20
_NOISE = {"uvicorn": logging.ERROR, "asyncio": logging.WARNING}


def configure(descriptor: int = 2) -> "JsonLines":
    """Send all records of this process to `descriptor`; the handler, to be closed at the end."""
    handler = JsonLines(descriptor)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("contctl").setLevel(logging.INFO)
    for name, level in _NOISE.items():
        logging.getLogger(name).setLevel(level)
    logging.raiseExceptions = False
    return handler


class JsonLines(logging.Handler):
    """Writes records as JSON, on a thread."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="logs", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record, or drop it where too many wait."""
        try:
            self._waiting.put_nowait(line(record))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits, for a second at most."""
        deadline = time.monotonic() + 1
        try:
            self._waiting.put(None, timeout=1)
        except queue.Full:
            return
        self._thread.join(max(0.0, deadline - time.monotonic()))
        super().close()

    def _write(self) -> None:
        while (content := self._waiting.get()) is not None:
            dropped, self._dropped = self._dropped, 0
            if dropped:
                content = _json("warning", "log records were lost", {"lost": dropped}) + content
            while content:
                try:
                    content = content[os.write(self._descriptor, content) :]
                except BlockingIOError:
                    time.sleep(0.01)
                except OSError:
                    # Nobody reads any more, and there is no other place to say so.
                    break


def line(record: logging.LogRecord) -> bytes:
    """A record as one line: time, level, event, and and its extras. Of an exception only
    types and places: foreign messages may hold secrets."""
    fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    if record.exc_info is not None and record.exc_info[1] is not None:
        error = record.exc_info[1]
        fields["error"] = type(error).__name__
        fields["at"] = _places(error.__traceback__)
    if not record.name.startswith("contctl"):
        fields["logger"] = record.name
    return _json(record.levelname.lower(), record.getMessage(), fields, record.created)


def _json(level: str, event: str, fields: dict[str, Any], at: float | None = None) -> bytes:
    moment = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    shown = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "event": event.strip()[:_LONGEST],
        **{key: _bounded(value) for key, value in fields.items()},
    }
    return json.dumps(shown, default=_type_only, separators=(",", ":")).encode("ascii") + b"\n"


def _bounded(value: object) -> object:
    return value[:_LONGEST] if isinstance(value, str) else value


def _type_only(value: object) -> str:
    """What JSON has no form for: an object's own text could show a secret."""
    return type(value).__name__


def _places(traceback: TracebackType | None) -> list[str]:
    places: list[str] = []
    while traceback is not None and len(places) < _DEEPEST:
        code = traceback.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places
