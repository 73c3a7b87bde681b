"""Certificates for private servers and their clients, in the files that docker keeps them in."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_AGE = datetime.timedelta(days=2)


class CertificateAuthority:
    """A CA that is its own root."""

    def __init__(self, name: str = "a test's CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._signed(self._name, self._key, [], 1, ca=True)

    def issue(self, folder: Path, *names: str, days: int = 1) -> Path:
        """Put `ca.pem`, `cert.pem` and `key.pem` into the new folder `folder`, and answer it.

        names: host names and IP addresses of a server; none for a client. days: it lasts so many
        from now.
        """
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
        certificate = self._signed(subject, key, names, days, ca=False)
        (folder / "ca.pem").write_bytes(_pem(self._certificate))
        (folder / "cert.pem").write_bytes(_pem(certificate))
        key_file = folder / "key.pem"
        key_file.touch(0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return folder

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        names: list[str] | tuple[str, ...],
        days: int,
        *,
        ca: bool,
    ) -> x509.Certificate:
        begin = datetime.datetime.now(datetime.UTC) - _AGE
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + _AGE + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
