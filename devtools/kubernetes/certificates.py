"""A certificate authority of a private cluster, made with the program `openssl` (3.0 or later)."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_SUBJECT = "/CN=contctl test cluster"
_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
_CONFIGURATION = "[req]\ndistinguished_name = subject\n[subject]\n"


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates into `folder`, which exists; its own is `ca.crt` there.

    RuntimeError where openssl refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._configuration = folder / "openssl.cnf"
        self.own = Pair(folder / "ca.crt", folder / "ca.key")

    def create(self) -> None:
        """Make its own certificate; once, and before any other."""
        self._configuration.write_text(_CONFIGURATION)
        self._request(self.own, _SUBJECT, "basicConstraints=critical,CA:TRUE", form="-x509")

    def issue(self, name: str, subject: str, *addresses: str, days: int = 2) -> Pair:
        """A certificate `name`.crt for a client and, where it has addresses, a server.

        subject: as openssl writes it, e.g. `/O=GROUP/CN=USER`.  addresses: `IP:…` and `DNS:…`.
        days: how long it is valid from now on; a negative number makes one that has expired.
        """
        extensions = ["extendedKeyUsage=clientAuth,serverAuth"]
        if addresses:
            extensions.append(f"subjectAltName={','.join(addresses)}")
        pair = Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        self._request(pair, subject, *extensions, form="-new")
        signer = ["-CA", str(self.own.certificate), "-CAkey", str(self.own.key)]
        files = ["-in", str(pair.certificate), "-out", str(pair.certificate)]
        _openssl("x509", "-req", *signer, *files, "-days", str(days), "-copy_extensions", "copy")
        return pair

    def _request(self, pair: Pair, subject: str, *extensions: str, form: str) -> None:
        arguments = [form, *_NEW_KEY, "-subj", subject, "-config", str(self._configuration)]
        arguments += [part for extension in extensions for part in ("-addext", extension)]
        files = ["-keyout", str(pair.key), "-out", str(pair.certificate)]
        _openssl("req", *arguments, *files)


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.strip()}")
