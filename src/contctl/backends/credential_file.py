"""Credentials in private files, for machines without a keyring."""

import os
import re
from pathlib import Path

from contctl.backends.files import (
    check_file,
    check_folder,
    ensure_folder,
    read_private,
    remove,
    replace_private,
    written_and_read,
)
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential, StoreKind
from contctl.core.errors import ContctlError, ErrorCode

_AUTHORITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_GATEWAY = re.compile(r"gateway (unix|https)://[!-~]+", re.ASCII)


class FileCredentialStore:
    """CredentialStore of one 0600 file per authority in a 0700 folder, made at the first write.

    An authority is a UUID in lower case (RFC 9562, section 4), which becomes a file name, or
    `gateway ` and an address, whose digest does; any other text is refused with ContctlError STORE.
    So is a link, a FIFO, a second name, a foreign
    owner or a looser mode in a file's place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def kind(self) -> StoreKind:
        """Always FILE."""
        return StoreKind.FILE

    @property
    def location(self) -> str:
        """The folder of the files."""
        return str(self._folder)

    def probe(self) -> None:
        """Write, read back and delete a file of full size; ContctlError STORE if that fails."""
        ensure_folder(self._folder)
        content = os.urandom(MAX_CHARACTERS // 2).hex().encode("ascii")
        if written_and_read(self._folder / "probe", content) != content:
            raise ContctlError(ErrorCode.STORE, f"{self._folder} does not keep what is written")

    def read(self, authority: str) -> Credential | None:
        """What is kept for `authority`, None if nothing; ContctlError STORE where it is damaged or
        not private."""
        path = self._path(authority)
        try:
            check_folder(self._folder)
            content = read_private(path)
        except ContctlError as error:
            if error.reason == "absent":
                return None
            raise
        # Only ASCII is ever written; the empty text is refused as damaged.
        return Credential.from_json(content.decode("ascii") if content.isascii() else "")

    def write(self, authority: str, credential: Credential) -> None:
        """Keep `credential`, the whole of it or what was there before."""
        path = self._path(authority)
        ensure_folder(self._folder)
        self._exists(path)
        replace_private(path, credential.to_json().encode("ascii"))

    def delete(self, authority: str) -> None:
        """Forget it; nothing to forget is no error."""
        path = self._path(authority)
        if self._exists(path):
            remove(path)

    def _path(self, authority: str) -> Path:
        if _AUTHORITY.fullmatch(authority) is not None:
            return self._folder / f"{authority}.json"
        if _GATEWAY.fullmatch(authority) is None:
            raise ContctlError(ErrorCode.STORE, "the id of the authority is not a UUID")
        import hashlib

        return self._folder / f"gateway-{hashlib.sha256(authority.encode()).hexdigest()}.json"

    def _exists(self, path: Path) -> bool:
        """Whether there is a file; ContctlError STORE where what is there is not private."""
        try:
            check_folder(self._folder)
            check_file(path)
        except ContctlError as error:
            if error.reason == "absent":
                return False
            raise
        return True
