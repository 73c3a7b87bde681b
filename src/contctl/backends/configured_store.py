"""Which credential store `config.toml` names: all that a command with a token of its own asks of
that file. Most machines have none, and importing what reads it takes longer than looking."""

import os
from pathlib import Path

from contctl.core.domain.credentials import StoreKind


def configured_store(path: Path) -> StoreKind:
    """The store that the file `path` names, or the default where there is none.

    ContctlError STORE as `load_settings`, which reads a file that is there as a whole.
    """
    if _is_absent(path):
        return StoreKind.KEYRING
    from contctl.backends.config_file import load_settings

    return load_settings(path).credential_store


def _is_absent(path: Path) -> bool:
    """Whether it is certain that nothing is there, not even a link to nothing."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return not os.path.islink(path.parent)
    except OSError:
        return False
    return False
