"""What a container is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import RESERVED_LABELS, Port
from contctl.core.errors import ContctlError, ErrorCode

NETWORKS = ("bridge", "none")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class CreateSpec:
    """A container to make; what is None or empty is left to the image and the engine.

    env: `NAME=value`, or `NAME` to unset one of the image's.
    ports: the host_port of one that is published is None for a port of the engine's choice.
    stdin: whether its standard input is kept open.
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
    auto_remove: bool = False


@dataclass(frozen=True, slots=True)
class Created:
    """A container that was made; warnings are the engine's."""

    id: str
    warnings: tuple[str, ...] = ()


def check_spec(spec: CreateSpec) -> None:
    """ContctlError USAGE where `spec` asks for what no caller may have."""
    if not spec.image:
        raise ContctlError(ErrorCode.USAGE, "an image is needed")
    _check_labels(spec.labels, "the label")
    if spec.network is not None and spec.network not in NETWORKS:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a network that contctl offers: {spec.network!r}",
            hint="the networks are 'bridge' and 'none'",
        )
    if spec.name is not None and _NAME.fullmatch(spec.name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a container name: {spec.name!r}",
            hint="names are two or more of a-z A-Z 0-9 _ . - and begin with a letter or a digit",
        )


def check_image_labels(image: str, labels: Mapping[str, str]) -> None:
    """ContctlError USAGE where `image` would give a container labels that no caller may set."""
    _check_labels(labels, f"the image {image} cannot be used: its label")


def _check_labels(labels: Mapping[str, str], which: str) -> None:
    for key in labels:
        if key.startswith(RESERVED_LABELS):
            raise ContctlError(
                ErrorCode.USAGE,
                f"{which} {key} is reserved: labels that begin with"
                f" {RESERVED_LABELS} are contctl's own",
            )
