"""A keyring in a file, for processes that PYTHON_KEYRING_BACKEND points here: a person on a machine
whose store several people share has one."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps items in the file $FILE_KEYRING, at most $FILE_KEYRING_LIMIT characters of each."""

    priority = 0.1

    def get_password(self, service: str, username: str) -> str | None:
        """The item, None for none."""
        return self._items().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the item."""
        limit = int(os.environ.get("FILE_KEYRING_LIMIT", "100000"))
        self._keep({**self._items(), f"{service} {username}": password[:limit]})

    def delete_password(self, service: str, username: str) -> None:
        """Forget the item."""
        items = self._items()
        del items[f"{service} {username}"]
        self._keep(items)

    def _items(self) -> dict[str, str]:
        items: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return items

    def _keep(self, items: dict[str, str]) -> None:
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(items))
        draft.replace(self._path)

    @property
    def _path(self) -> Path:
        return Path(os.environ["FILE_KEYRING"])
