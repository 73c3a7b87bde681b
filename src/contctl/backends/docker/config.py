"""Docker's own configuration file, which contctl only reads."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contctl.core.errors import ContctlError, ErrorCode

MAX_BYTES = 4 * 1024 * 1024


def config_folder(environ: Mapping[str, str]) -> Path:
    """`DOCKER_CONFIG`, else `.docker` in the home folder."""
    named = environ.get("DOCKER_CONFIG")
    if named:
        return Path(named)
    return Path(environ.get("HOME") or os.path.expanduser("~")) / ".docker"


def read_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """The content of docker's config.json, empty where there is none.

    ContctlError STORE where it cannot be read or is not a JSON object.
    """
    return read_object(config_folder(environ) / "config.json") or {}


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in the file `path`, None where there is no file; ContctlError STORE where it
    cannot be read, is no plain file, is longer than MAX_BYTES, or is something else."""
    try:
        # Without O_NONBLOCK the open of a FIFO would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise ContctlError(ErrorCode.STORE, f"not a file name: {str(path)!r}") from error
    try:
        return _object_in(descriptor, path)
    finally:
        os.close(descriptor)


def check_plain(path: Path) -> None:
    """Refuse a file that read_object would refuse for its kind or its size: whoever reads it all
    might not come back. Nothing is opened; ContctlError STORE."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    _check_kind(path, found)
    if found.st_size > MAX_BYTES:
        raise _unreadable(path, f"it is longer than {MAX_BYTES} bytes")


def _object_in(descriptor: int, path: Path) -> dict[str, Any]:
    _check_kind(path, os.fstat(descriptor))
    try:
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
        value = json.loads(content) if len(content) <= MAX_BYTES else None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} is not a docker configuration: it is not a JSON object",
            hint="repair or remove the file",
        )
    return value


def _check_kind(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "it is not a plain file")


def _unreadable(path: Path, why: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{path}: {why}")
