"""The options that describe a scope."""

from collections.abc import Sequence
from typing import Annotated

import typer

from contctl.core.domain.grants import Scope
from contctl.core.errors import ContctlError, ErrorCode

Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="GLOB", help="Containers so named; one of several must match."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="KEY=VALUE", help="Containers so labelled; all must match."),
]
Engine = Annotated[
    str | None, typer.Option("--engine", metavar="ENGINE", help="Containers of this engine only.")
]


def scope_of(
    names: Sequence[str] | None, labels: Sequence[str] | None, engine: str | None
) -> Scope:
    """The scope that the three options describe; ContctlError USAGE for what is no label."""
    return Scope(tuple(names or ()), tuple(map(_label, labels or ())), engine)


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ContctlError(
            ErrorCode.USAGE, f"not a label: {text!r}", hint="labels of a scope are KEY=VALUE"
        )
    return key, value
