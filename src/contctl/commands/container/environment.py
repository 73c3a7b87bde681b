"""`-e`, `-l` and files of variables and labels, as docker reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode

_OWN = "CONTCTL_"
_TOKENS = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")
_BLANK = " \t"
_BYTE_ORDER_MARK = "\ufeff"
_LARGEST = 4 * 1024 * 1024
"""Bytes of a file: more than an engine takes in one request."""


def expand_environment(given: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """`NAME=value` as it is; `NAME` with the caller's own value, or as it is where there is none,
    which unsets it. Of several with one name the last counts.

    contctl's own variables may hold a token, so none of them is passed on by its name alone.
    """
    expanded: dict[str, str] = {}
    for entry in given:
        name, equals, _ = entry.partition("=")
        if not name:
            raise _usage(f"invalid environment variable: {entry}")
        if equals and name in _TOKENS:
            raise _usage(f"{name} is never passed on to a container")
        if not equals and name.startswith(_OWN):
            continue
        expanded[name] = f"{name}={environ[name]}" if not equals and name in environ else entry
    return tuple(expanded.values())


def read_env_file(path: str, environ: Mapping[str, str]) -> list[str]:
    """The variables of a file, one a line: `NAME=value` as it is, `NAME` with the caller's own
    value, left out where there is none. Lines that are empty or begin with `#` do not count.
    ContctlError USAGE for a file that cannot be read, or is not one of variables."""
    expanded = expand_environment(_lines(path), environ)
    return [entry for entry in expanded if "=" in entry]


def read_label_file(path: str) -> list[str]:
    """The labels of a file, one a line, those with a value; otherwise as `read_env_file`."""
    return [entry for entry in _lines(path) if "=" in entry]


def parse_labels(given: Sequence[str]) -> dict[str, str]:
    """`key=value`, or `key` for an empty value."""
    labels = {}
    for entry in given:
        key, _, value = entry.partition("=")
        key = key.lstrip(_BLANK)
        if not key:
            raise _usage(f"invalid label '{entry}': empty name")
        if any(character in key for character in _BLANK):
            raise _usage(f"label '{key}' contains whitespaces")
        labels[entry.partition("=")[0]] = value
    return labels


def _lines(path: str) -> list[str]:
    """The lines of docker's key-value files (docker/cli 28, pkg/kvfile)."""
    found = []
    for number, raw in enumerate(_content(path).split(b"\n"), 1):
        try:
            line = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError:
            raise _wrong(path, f"invalid utf8 bytes at line {number}") from None
        line = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).lstrip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if any(character in key for character in _BLANK):
            raise _wrong(path, f"variable '{key}' contains whitespaces")
        if not key:
            raise _wrong(path, f"no variable name on line {number}")
        found.append(f"{key}{equals}{value}")
    return found


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except IsADirectoryError:
        raise _wrong(path, f"read {path}: is a directory") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _usage(f"open {path}: {(reason or 'it cannot be read').lower()}") from None
    if len(content) > _LARGEST:
        raise _wrong(path, "it is larger than 4 MiB")
    return content


def _wrong(path: str, reason: str) -> ContctlError:
    return _usage(f"invalid env file ({path}): {reason}")


def _usage(message: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, message)
