"""Where a gateway is."""

from typing import NamedTuple

from contctl.core.errors import ContctlError, ErrorCode

DEFAULT_PORT = 8443


class GatewayAddress(NamedTuple):
    """text: the address as it is shown, `unix:///path` or `https://host:port`.

    path: of the Unix socket; None for TLS.  host, port: for TLS.
    ca_file: the certificates of the CAs that its own may be from; None: the system's.
    """

    text: str
    path: str | None = None
    host: str = "localhost"
    port: int = DEFAULT_PORT
    ca_file: str | None = None

    def __str__(self) -> str:
        return self.text


def parse_address(text: str, ca_file: str | None = None) -> GatewayAddress:
    """The gateway at `text`. ContctlError USAGE for what is no address of one."""
    scheme, _, rest = text.partition("://")
    if text.isprintable():
        if scheme == "unix":
            return _unix(text, rest, ca_file)
        if scheme == "https":
            return _tls(text, ca_file)
    raise _not_one(text)


def _unix(text: str, path: str, ca_file: str | None) -> GatewayAddress:
    if not path.startswith("/"):
        raise _not_one(text)
    if ca_file is not None:
        raise ContctlError(ErrorCode.USAGE, "a Unix socket has no certificate, so it takes no CA")
    return GatewayAddress(text, path)


def _tls(text: str, ca_file: str | None) -> GatewayAddress:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _not_one(text) from None
    if not host or port == 0 or parts.path not in ("", "/") or not text.isascii():
        raise _not_one(text)
    if set(text) & set("@?# %\\"):
        raise _not_one(text)
    port = DEFAULT_PORT if port is None else port
    shown = f"[{host}]" if ":" in host else host
    return GatewayAddress(f"https://{shown}:{port}", None, host, port, ca_file)


def _not_one(text: str) -> ContctlError:
    # What stands in front of an @ may be a password.
    shown = text.rpartition("@")[2]
    return ContctlError(
        ErrorCode.USAGE,
        f"not a gateway's address: {shown!r}",
        hint="an address looks like unix:///run/contctl/contctl.sock or https://host:8443",
    )
