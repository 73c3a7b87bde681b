"""What a container is made of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import REQUEST_LABEL, RESERVED_LABELS, Port
from contctl.core.domain.limits import Limits
from contctl.core.domain.mounts import Storage
from contctl.core.domain.networking import Networking
from contctl.core.domain.privileges import Privileges
from contctl.core.domain.resources import Resources, RestartPolicy
from contctl.core.errors import ContctlError, ErrorCode

STREAMS = ("stdin", "stdout", "stderr")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}", re.ASCII)
_LONGEST_IMAGE = 4096
_LONGEST_ARGUMENT = 128 * 1024
"""Bytes of one argument of a program, its end included (MAX_ARG_STRLEN, execve(2))."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the engine finds out whether a container is well. test: `NONE`; or `CMD-SHELL` and a
    command line; empty for the image's own.  All times are nanoseconds, 0 for the engine's."""

    test: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class LogConfig:
    """Where its output goes; an empty driver is the engine's own."""

    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateSpec:
    """A container to make; what is None or empty is left to the image and the engine.

    entrypoint: the empty text takes the image's away.  env: `NAME=value`, or `NAME` to unset one of
    the image's.  network: its name or ID, `none`, `host` or `container:NAME`.
    ports: the host_port of one that is published is None for a port of the engine's choice.
    stdin: whether its standard input is kept open.  tty: whether it has a terminal.
    attach: the streams that are joined when it is started; None: standard output and error, and the
    input where it is open.
    stop_timeout: seconds.  init: whether a process of the engine's is its first.
    platform: `OS[/ARCHITECTURE[/VARIANT]]` of the image.  cidfile: where the client wrote the ID.
    """

    image: str
    command: tuple[str, ...] = ()
    name: str | None = None
    entrypoint: str | None = None
    env: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    workdir: str | None = None
    user: str | None = None
    network: str | None = None
    stdin: bool = False
    tty: bool = False
    auto_remove: bool = False
    attach: tuple[str, ...] | None = None
    platform: str | None = None
    hostname: str | None = None
    domainname: str | None = None
    stop_signal: str | None = None
    stop_timeout: int | None = None
    init: bool | None = None
    cidfile: str | None = None
    health: Health | None = None
    log: LogConfig = field(default_factory=LogConfig)
    restart: RestartPolicy | None = None
    resources: Resources = field(default_factory=Resources)
    limits: Limits = field(default_factory=Limits)
    storage: Storage = field(default_factory=Storage)
    networking: Networking = field(default_factory=Networking)
    privileges: Privileges = field(default_factory=Privileges)

    @property
    def joined(self) -> tuple[str, ...]:
        """The streams that are joined when it is started."""
        if self.attach is not None:
            return self.attach
        return STREAMS if self.stdin else STREAMS[1:]


@dataclass(frozen=True, slots=True)
class Created:
    """A container that was made; warnings are the engine's."""

    id: str
    warnings: tuple[str, ...] = ()


def check_spec(spec: CreateSpec) -> None:
    """ContctlError USAGE where `spec` asks for what no caller may have."""
    if not spec.image:
        raise ContctlError(ErrorCode.USAGE, "an image is needed")
    check_image(spec.image)
    check_arguments((*spec.command, spec.entrypoint or "", *spec.env))
    _check_labels(spec.labels, "the label")
    if spec.network == "" or any(not each.network for each in spec.networking.endpoints):
        raise ContctlError(ErrorCode.USAGE, "no name set for network")
    if spec.name is not None and _NAME.fullmatch(spec.name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a container name: {spec.name!r}",
            hint="names are 2 to 255 of a-z A-Z 0-9 _ . - and begin with a letter or a digit",
        )


def check_image(image: str) -> None:
    """ContctlError USAGE for what is too long to be an image's name."""
    if len(image) > _LONGEST_IMAGE:
        raise ContctlError(ErrorCode.USAGE, "that is too long for an image")


def check_arguments(texts: Iterable[str]) -> None:
    """ContctlError USAGE where one of `texts` is more than a program can be given."""
    if any(len(text.encode("utf-8", "surrogatepass")) >= _LONGEST_ARGUMENT for text in texts):
        raise ContctlError(
            ErrorCode.USAGE, "an argument or variable is too long: the kernel takes 128 KiB of each"
        )


def check_image_labels(image: str, labels: Mapping[str, str]) -> None:
    """ContctlError USAGE where `image` would give a container labels that no caller may set. An
    image that was made of a container has the request's, without a value (`Engine.commit`)."""
    given = {key: value for key, value in labels.items() if value or key != REQUEST_LABEL}
    _check_labels(given, f"the image {image} cannot be used: its label")


def _check_labels(labels: Mapping[str, str], which: str) -> None:
    for key in labels:
        if key.startswith(RESERVED_LABELS):
            raise ContctlError(
                ErrorCode.USAGE,
                f"{which} {key} is reserved: labels that begin with"
                f" {RESERVED_LABELS} are contctl's own",
            )
