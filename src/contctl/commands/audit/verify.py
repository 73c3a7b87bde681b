"""contctl audit verify."""

from pathlib import Path
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json, verification_document
from contctl.core.domain.audit_chain import Anchor
from contctl.core.domain.audit_check import Verification
from contctl.core.errors import ContctlError, ErrorCode

AnchorFile = Annotated[
    Path | None,
    typer.Option("--anchor", metavar="FILE", help="What 'contctl audit head' printed earlier."),
]
_MOST = 4096
"""Bytes that a file with an anchor may have."""


def command(ctx: typer.Context, anchor: AnchorFile = None, json: Json = False) -> None:
    """Check that nobody changed the audit log.

    Exit code 1, and the first bad record's number, where somebody did. Records cut off its end
    show only against an anchor.
    """
    app = app_of(ctx)
    verification = app.api.audit.verify(_read(anchor) if anchor else None)
    if json:
        print_json(app.terminal, verification_document(verification))
    if verification.problem is not None:
        hint = f"the first bad record is {verification.record}"
        if verification.records:
            hint += f", after {_count(verification.records, 'record')} in order"
        message = f"the audit log is not as it was written: {verification.problem}"
        raise ContctlError(ErrorCode.FAILED, message, hint=hint)
    if not json:
        app.terminal.line(_summary(verification, anchored=anchor is not None))


def _read(path: Path) -> Anchor:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    if len(content) > _MOST:
        raise _unusable(path, "it is too long")
    try:
        return Anchor.from_json(content.decode("utf-8"))
    except (UnicodeDecodeError, ContctlError) as error:
        raise _unusable(path, "it is none") from error


def _unusable(path: Path, why: str) -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE,
        f"the anchor {path} cannot be used: {why}",
        hint="'contctl audit head' prints one, a line of JSON",
    )


def _summary(verification: Verification, *, anchored: bool) -> str:
    words = (
        f"{_count(verification.records, 'record')} in {_count(verification.segments, 'segment')}"
    )
    verb = "is" if verification.records == 1 else "are"
    text = f"{words} {verb} in order"
    if anchored:
        text += ", and the anchored one is among them"
    if verification.older:
        text += f"; {_count(verification.older, 'record')} older than the chain, unprotected"
    return text


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
