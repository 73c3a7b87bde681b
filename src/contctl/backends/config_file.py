"""`config.toml`. An unknown key is an error that names it, so that no misspelt rule is ignored."""

import os
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from contctl.backends.files import read_trusted
from contctl.core.domain.credentials import StoreKind
from contctl.core.domain.durations import parse_duration
from contctl.core.domain.sessions import Lifetimes
from contctl.core.domain.settings import Settings, SyslogAddress
from contctl.core.errors import ContctlError, ErrorCode

Keys = Mapping[str, Set[str]]
"""The sections of a file, and the keys of each."""

_KEYS: Keys = {
    "session": {"access_ttl", "refresh_idle", "refresh_absolute"},
    "password": {"min_length"},
    "credentials": {"store"},
    "policy": {"bind_mounts"},
    "audit": {"syslog"},
}
AUTHORITY_KEYS: Keys = {name: keys for name, keys in _KEYS.items() if name != "credentials"}
"""What an authority decides, wherever it is."""
_DEFAULTS = Settings()
_SHORTEST_PASSWORD = 8
"""NIST SP 800-63B-4 allows no shorter one, whatever else is asked for."""


def load_settings(path: Path) -> Settings:
    """The settings in the file `path`, or the defaults where there is none.

    ContctlError STORE for a file that others may write, that is not TOML, or says what is unknown.
    """
    try:
        content = read_trusted(path)
    except ContctlError as error:
        if error.reason != "absent":
            raise
        for each in (path, path.parent):
            if os.path.islink(each) and not os.path.exists(each):
                raise ContctlError(
                    ErrorCode.STORE,
                    f"{each} is a link to what is not there",
                    hint="repair or remove the link",
                ) from None
        return _DEFAULTS
    document = parse(path, content)
    check_keys(path, document, _KEYS)
    return authority_settings(Reader(path, document))


def parse(path: Path, content: bytes) -> dict[str, Any]:
    """The TOML document `content` of the file `path`; ContctlError STORE where it is none."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ContctlError(ErrorCode.STORE, f"{path} is not UTF-8 (at line {line})") from error
    except (ValueError, RecursionError) as error:
        raise ContctlError(ErrorCode.STORE, f"{path} is not TOML: {error}") from error


def check_keys(path: Path, document: Mapping[str, Any], keys: Keys) -> None:
    """ContctlError STORE for a section or a key that is not among `keys`."""
    for section, content in document.items():
        if section not in keys or not isinstance(content, dict):
            sections = ", ".join(f"[{known}]" for known in keys)
            raise ContctlError(
                ErrorCode.STORE,
                f"{path}: unknown key {section!r}",
                hint=f"the sections are {sections}",
            )
        for key in content:
            if key not in keys[section]:
                raise ContctlError(
                    ErrorCode.STORE,
                    f"{path}: unknown key '{section}.{key}'",
                    hint=f"the keys of [{section}] are {', '.join(sorted(keys[section]))}",
                )


def authority_settings(reader: "Reader") -> Settings:
    """The settings that a document has decided, with the defaults for the others."""
    ttl = _DEFAULTS.lifetimes
    return Settings(
        lifetimes=Lifetimes(
            access=reader.seconds("session", "access_ttl", ttl.access),
            idle=reader.seconds("session", "refresh_idle", ttl.idle),
            absolute=reader.seconds("session", "refresh_absolute", ttl.absolute),
        ),
        min_password_length=reader.length("password", "min_length", _DEFAULTS.min_password_length),
        credential_store=reader.store("credentials", "store", _DEFAULTS.credential_store),
        bind_mounts=reader.paths("policy", "bind_mounts", _DEFAULTS.bind_mounts),
        syslog=reader.syslog("audit", "syslog"),
    )


class Reader:
    """Reads typed values; a wrong one is a ContctlError STORE that names its key."""

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        self.path = path
        self._document = document

    def get(self, section: str, key: str) -> Any:
        """The value as it stands there, None without one."""
        return self._document.get(section, {}).get(key)

    def wrong(self, section: str, key: str, wanted: str) -> ContctlError:
        """The error of a value that is not as wanted."""
        return ContctlError(ErrorCode.STORE, f"{self.path}: '{section}.{key}' must be {wanted}")

    def seconds(self, section: str, key: str, default: int) -> int:
        """A duration."""
        value = self.get(section, key)
        if value is None:
            return default
        try:
            return parse_duration(value)
        except (ContctlError, TypeError):
            raise self.wrong(section, key, 'a duration such as "10m"') from None

    def length(self, section: str, key: str, default: int) -> int:
        """A length of passwords."""
        value = self.get(section, key)
        if value is None:
            return default
        if type(value) is not int or not _SHORTEST_PASSWORD <= value <= 64:
            raise self.wrong(section, key, f"a number from {_SHORTEST_PASSWORD} to 64")
        return value

    def store(self, section: str, key: str, default: StoreKind) -> StoreKind:
        """A kind of credential store."""
        value = self.get(section, key)
        if value is None:
            return default
        if value not in list(StoreKind):
            raise self.wrong(section, key, '"keyring" or "file"')
        return StoreKind(value)

    def paths(self, section: str, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of absolute paths."""
        value = self.get(section, key)
        if value is None:
            return default
        if not isinstance(value, list) or not all(
            isinstance(item, str) and item.startswith("/") for item in value
        ):
            raise self.wrong(section, key, "a list of absolute paths")
        return tuple(value)

    def syslog(self, section: str, key: str) -> SyslogAddress | None:
        """A receiver, None for none."""
        value = self.get(section, key)
        if value is None or (isinstance(value, str) and value.startswith("/")):
            return value
        try:
            return _udp_address(value)
        except (ValueError, AttributeError):
            wanted = 'a socket such as "/dev/log", or an IP address and a port: "192.0.2.1:514"'
            raise self.wrong(section, key, wanted) from None


def _udp_address(text: str) -> tuple[str, int]:
    """Address and port; ValueError for others. A host's name is none: looking it up may take long,
    and no command waits for syslog."""
    from ipaddress import ip_address

    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("not a port")
    return str(ip_address(host.removeprefix("[").removesuffix("]"))), int(port)
