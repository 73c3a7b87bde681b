"""The CI token that the environment gives: itself, or the name of a file that holds it."""

from collections.abc import Mapping
from pathlib import Path

from contctl.backends.files import read_trusted
from contctl.core.domain.ci_tokens import FILE_VARIABLE, PREFIX, VARIABLE, GivenToken
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

_LIMIT = 4096


def read_environment_token(environ: Mapping[str, str]) -> GivenToken | None:
    """The token in CONTCTL_TOKEN or in the file that CONTCTL_TOKEN_FILE names, without one line
    ending; empty variables are as if unset.

    ContctlError NOT_AUTHENTICATED where both are set; STORE for a file that is not there, is not a
    plain one, is longer than 4 KiB, or may be written by others than its owner and root.
    """
    text, file = environ.get(VARIABLE), environ.get(FILE_VARIABLE)
    if text and file:
        raise ContctlError(
            ErrorCode.NOT_AUTHENTICATED,
            f"both {VARIABLE} and {FILE_VARIABLE} are set",
            hint="unset one of them",
        )
    if file:
        return GivenToken(FILE_VARIABLE, Secret(_read(file)))
    return GivenToken(VARIABLE, Secret(text)) if text else None


def _read(file: str) -> str:
    if file.startswith(PREFIX):
        # The error of an absent file would print its name.
        raise ContctlError(
            ErrorCode.STORE,
            f"{FILE_VARIABLE} holds a token, where it is to name a file",
            hint=f"put the token into {VARIABLE}",
        )
    try:
        content = read_trusted(Path(file), _LIMIT)
    except ContctlError as error:
        raise ContctlError(
            error.code, f"{FILE_VARIABLE}: {error.message}", hint=error.hint, details=error.details
        ) from error
    line = content.removesuffix(b"\n").removesuffix(b"\r")
    # What is not UTF-8 is no token either, as in the environment.
    return line.decode("utf-8", "surrogateescape")
