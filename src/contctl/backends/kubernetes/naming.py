"""Names, labels and users as a cluster takes them.

Source: Kubernetes documentation, "Object Names and IDs" (RFC 1123 labels) and "Labels and
Selectors".
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import NAMESPACE_LABEL
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.ASCII)
_LONGEST_DOMAIN = 253
_RESERVED_DOMAINS = ("kubernetes.io", "k8s.io")
_OF_USERS = "app.kubernetes.io"
_OF_CONTROLLERS = (
    "pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    NAMESPACE_LABEL,
)
"""By these, controllers know their own pods."""


def check_name(name: str) -> str:
    """`name`; USAGE where an object cannot be called so."""
    if _NAME.fullmatch(name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a name for Kubernetes: {name!r}",
            hint="names there are at most 63 of a-z 0-9 - and neither begin nor end with -",
        )
    return name


def new_name(image: str) -> str:
    """A name for what nobody named: the image's, and some letters."""
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0].lower()
    stem = re.sub(r"[^a-z0-9]+", "-", last)[:40].strip("-") or "container"
    return f"{stem}-{secrets.token_hex(4)}"


def check_labels(labels: Mapping[str, str]) -> None:
    """USAGE for a label that a cluster does not take, or keeps for itself."""
    for key, value in labels.items():
        domain, slash, name = key.rpartition("/")
        if not name or _VALUE.fullmatch(name) is None or (slash and not _is_domain(domain)):
            raise _wrong(f"not a label's name for Kubernetes: {key!r}")
        if _VALUE.fullmatch(value) is None:
            raise _wrong(f"not a label's value for Kubernetes: {key}={value}")
        if key in _OF_CONTROLLERS or _is_reserved(domain):
            raise ContctlError(ErrorCode.USAGE, f"the label {key} is Kubernetes' own")


def numbers(user: str) -> tuple[int, ...]:
    """The numbers of `UID[:GID]`; USAGE for names, which only an image knows."""
    parts = user.split(":")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a user for Kubernetes: {user!r}",
            hint="users and groups are given as numbers there: UID or UID:GID",
        )
    return tuple(int(part) for part in parts)


def _is_domain(text: str) -> bool:
    return len(text) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(text) is not None


def _is_reserved(domain: str) -> bool:
    if domain == _OF_USERS:
        return False
    return any(domain == own or domain.endswith(f".{own}") for own in _RESERVED_DOMAINS)


def _wrong(message: str) -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE,
        message,
        hint="both are at most 63 of a-z A-Z 0-9 _ . - with a letter or digit at each end",
    )
