"""Docker's own configuration file, which contctl only reads."""

import json
import os
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
    cannot be read, is longer than MAX_BYTES, or is something else."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ContctlError(ErrorCode.STORE, f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ContctlError(ErrorCode.STORE, f"not a file name: {str(path)!r}") from error
    try:
        value = json.loads(content) if len(content) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} is not a docker configuration: it is not a JSON object",
            hint="repair or remove the file",
        )
    return value
