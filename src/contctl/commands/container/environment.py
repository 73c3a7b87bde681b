"""`-e` and `-l` as docker reads them."""

from collections.abc import Mapping, Sequence

from contctl.core.errors import ContctlError, ErrorCode

_OWN = "CONTCTL_"
_TOKENS = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")


def expand_environment(given: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """`NAME=value` as it is; `NAME` with the caller's own value, left out where there is none.

    contctl's own variables may hold a token, so none of them is passed on by its name alone.
    """
    expanded = []
    for entry in given:
        name, equals, _ = entry.partition("=")
        if not name:
            raise ContctlError(ErrorCode.USAGE, f"not an environment variable: {entry!r}")
        if equals and name in _TOKENS:
            raise ContctlError(ErrorCode.USAGE, f"{name} is never passed on to a container")
        if equals:
            expanded.append(entry)
        elif name in environ and not name.startswith(_OWN):
            expanded.append(f"{name}={environ[name]}")
    return tuple(expanded)


def parse_labels(given: Sequence[str]) -> dict[str, str]:
    """`key=value`, or `key` for an empty value."""
    labels = {}
    for entry in given:
        key, _, value = entry.partition("=")
        if not key:
            raise ContctlError(ErrorCode.USAGE, f"not a label: {entry!r}")
        labels[key] = value
    return labels


def read_env_file(path: str, environ: Mapping[str, str]) -> list[str]:
    """The variables in a file as docker reads it (docker/cli, `pkg/kvfile`): a line each,
    `NAME=value`, or `NAME` for the caller's own; none for empty lines and `#` ones.

    environ: the caller's.  ContctlError USAGE for a file that cannot be read, or is none of it.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ContctlError(
            ErrorCode.USAGE, f"the file {path} cannot be read: {error.strerror}"
        ) from error
    try:
        lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise ContctlError(ErrorCode.USAGE, f"the file {path} is not UTF-8") from None
    entries = [line.removesuffix("\r").lstrip() for line in lines]
    given = [entry for entry in entries if entry and not entry.startswith("#")]
    for entry in given:
        name = entry.partition("=")[0]
        if not name or any(character in " \t" for character in name):
            raise ContctlError(
                ErrorCode.USAGE, f"the file {path} has a line that is no variable: {name!r}"
            )
    return list(expand_environment(given, environ))
