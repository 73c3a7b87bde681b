"""Reading one item of the Secret Service by its own protocol, for the everyday command.

keyring asks the same of it; importing keyring and its backend takes five times as long as asking.
Source: Secret Service API, https://specifications.freedesktop.org/secret-service/latest.
"""

import os
from collections.abc import Mapping
from typing import Any

BACKEND = "keyring.backends.SecretService.Keyring"
"""keyring's backend for the Secret Service; items are found by the attributes that it sets."""

_NAME = "org.freedesktop.secrets"
_ROOT = "/org/freedesktop/secrets"
_SETTINGS = "python_keyring/keyringrc.cfg"


def is_plain(environ: Mapping[str, str]) -> bool:
    """Whether nothing tells keyring to use its backend in any but its default way."""
    if any(name == "PYTHON_KEYRING_BACKEND" or name.startswith("KEYRING_") for name in environ):
        return False
    home = environ.get("HOME") or os.path.expanduser("~")
    folders = (
        environ.get("XDG_CONFIG_HOME") or f"{home}/.config",
        environ.get("XDG_DATA_HOME") or f"{home}/.local/share",
    )
    return not any(os.path.lexists(f"{folder}/{_SETTINGS}") for folder in folders)


def read_item(service: str, username: str, seconds: float) -> str | None:
    """The one item of the default collection with these attributes.

    None unless there is exactly one. Raises what jeepney raises, for a locked item too; keyring,
    when it is asked then, tells the cases apart. seconds: for each question. The secret crosses the
    user's own bus socket as it is; whoever can listen there can ask for it too.
    """
    from jeepney.io.blocking import open_dbus_connection

    with open_dbus_connection(bus="SESSION") as connection:

        def ask(path: str, interface: str, method: str, signature: str, *body: Any) -> Any:
            return _ask(connection, seconds, path, interface, method, signature, body)

        session = ask(_ROOT, "Service", "OpenSession", "sv", "plain", ("s", ""))[1]
        wanted = {"service": service, "username": username}
        collection = f"{_ROOT}/aliases/default"
        found = ask(collection, "Collection", "SearchItems", "a{ss}", wanted)[0]
        if len(found) != 1:
            return None
        secret = ask(found[0], "Item", "GetSecret", "o", session)[0]
        return bytes(secret[2]).decode("utf-8")


def _ask(
    connection: Any,
    seconds: float,
    path: str,
    interface: str,
    method: str,
    signature: str,
    body: tuple[Any, ...],
) -> Any:
    from jeepney import DBusAddress, new_method_call
    from jeepney.wrappers import unwrap_msg

    address = DBusAddress(path, _NAME, f"org.freedesktop.Secret.{interface}")
    call = new_method_call(address, method, signature, body)
    return unwrap_msg(connection.send_and_get_reply(call, timeout=seconds))
