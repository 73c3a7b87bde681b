"""The common passwords that come with contctl; `common_passwords/SOURCE` says where from."""

import gzip
import zlib
from functools import cached_property
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode

SHIPPED = Path(__file__).with_name("common_passwords") / "common-passwords.txt.gz"


class CommonPasswords:
    """PasswordBlocklist in a compressed file, a password in lower case on each line; it is read
    when it is first asked."""

    def __init__(self, path: Path = SHIPPED) -> None:
        self._path = path

    def contains(self, text: str) -> bool:
        """Whether `text`, in lower case, is one of them. ContctlError STORE where the list cannot
        be read."""
        return text in self._passwords

    @cached_property
    def _passwords(self) -> frozenset[str]:
        try:
            lines = gzip.decompress(self._path.read_bytes()).decode("utf-8").splitlines()
            if not lines:
                raise ValueError("it is empty")
            return frozenset(lines)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise ContctlError(
                ErrorCode.STORE,
                f"the list of common passwords {self._path} cannot be read",
                hint="install contctl again",
            ) from error
