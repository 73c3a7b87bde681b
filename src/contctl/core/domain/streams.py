"""What flows while a command runs: output, exits, and what was asked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contctl.core.errors import ContctlError


@dataclass(frozen=True, slots=True)
class Out:
    """Bytes of a standard output."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Err:
    """Bytes of a standard error."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Exit:
    """The code with which a process, or a container's main process, ended."""

    code: int


Frame = Out | Err | Exit


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a container's log."""

    container_id: str
    output: Out | Err


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which of a log. tail: the last n lines (None: all). since, until: seconds since the epoch.

    details: also what the log driver was told to keep of labels and environment.
    """

    follow: bool = False
    tail: int | None = None
    timestamps: bool = False
    since: float | None = None
    until: float | None = None
    details: bool = False


@dataclass(frozen=True, slots=True)
class ExecSpec:
    """A process to start in a running container. detach: start it and leave it.

    privileged: with the powers of a privileged container.
    detach_keys: those on which the engine leaves it, in docker's words; None for the engine's own.
    ContctlError USAGE without a program to run.
    """

    argv: tuple[str, ...]
    env: tuple[str, ...] = ()
    workdir: str | None = None
    user: str | None = None
    stdin: bool = False
    tty: bool = False
    detach: bool = False
    privileged: bool = False
    detach_keys: str | None = None


class Condition(StrEnum):
    """What to wait for; the values are the engine API's."""

    NOT_RUNNING = "not-running"
    NEXT_EXIT = "next-exit"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AttachSpec:
    """How to join a container's main process.

    stdin: also write to it.  logs: what it has said so far first.
    until: what ends the stream with an `Exit`.
    stdout, stderr: which of its outputs to read.  detach_keys: as of `ExecSpec`.
    """

    stdin: bool = False
    logs: bool = False
    until: Condition = Condition.NOT_RUNNING
    stdout: bool = True
    stderr: bool = True
    detach_keys: str | None = None


@dataclass(frozen=True, slots=True)
class Exited:
    """How a wait for one container ended.

    container_id: the full ID, None where `ref` meant none.  code: None where there is an error.
    ref: as the caller gave it.
    """

    container_id: str | None
    code: int | None
    ref: str = ""
    error: ContctlError | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """One reading of a container's use, in the engine's own fields."""

    container_id: str
    reading: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events: since and until in seconds since the epoch (None: from now, for ever)."""

    since: float | None = None
    until: float | None = None
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a container. at: nanoseconds since the epoch."""

    at: int
    action: str
    container_id: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a pull. layer: empty for the whole. current, total: bytes, None if unknown."""

    layer: str
    status: str
    current: int | None = None
    total: int | None = None
