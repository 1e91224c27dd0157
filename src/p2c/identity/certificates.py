"""Certificates for TLS: the user's own files, or a generated authority with one certificate for the services.

The authority's private key is never written: it signs once. A new certificate comes with a new authority.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from p2c.errors import ConfigurationError

DIRECTORY = "tls"
AUTHORITY, CERTIFICATE, KEY = "ca.pem", "server.pem", "server.key"
_VALID = timedelta(days=397)
_RENEW_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. `authority` is what clients trust; None where the user's own certificate says so itself."""

    certificate: Path
    key: Path
    authority: Path | None = None


def own_files(certificate: Path, key: Path) -> TlsFiles:
    """
    The user's own certificate (with what it is signed by behind it) and private key.

    Raises:
        ConfigurationError: They cannot be read or do not belong together.
    """
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"certificate and key cannot be used ({error})",
            where=f"{certificate}, {key}",
            way_out="give a PEM certificate and its unencrypted PEM key, or leave both out for a generated one",
        ) from error
    return TlsFiles(certificate.absolute(), key.absolute())


def generated_files(data: Path, names: Iterable[str], now: datetime) -> TlsFiles:
    """
    A certificate for this machine and `names` in the data directory; made anew when it is missing, when it expires
    within 30 days, or when it lacks a name.

    Raises:
        ConfigurationError: The directory cannot be written.
    """
    folder = data / DIRECTORY
    files = TlsFiles(folder / CERTIFICATE, folder / KEY, folder / AUTHORITY)
    wanted = _names(names)
    try:
        if not _is_good(files, wanted, now):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(files, wanted, now)
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written ({error.strerror})", where=str(folder), way_out="give this user the directory"
        ) from error
    return files


def _names(names: Iterable[str]) -> list[str]:
    """All names that clients may use, those of every machine first."""
    wildcards = ("0.0.0.0", "::")
    every = ["localhost", "127.0.0.1", "::1", socket.gethostname(), *names]
    return list(dict.fromkeys(name for name in every if name and name not in wildcards))


def _is_good(files: TlsFiles, names: Iterable[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return False
    complete = files.key.exists() and files.authority is not None and files.authority.exists()
    fresh = certificate.not_valid_after_utc - _RENEW_BEFORE > now
    return complete and fresh and all(_general_name(name) in known for name in names)


def _make(files: TlsFiles, names: list[str], now: datetime) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "prospect-to-cash local authority")])
    authority = (
        _begun(title, title, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        _begun(subject, title, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(files.key, private, 0o600)
    _write(files.certificate, certificate.public_bytes(Encoding.PEM), 0o644)
    if files.authority is not None:
        _write(files.authority, authority.public_bytes(Encoding.PEM), 0o644)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, body: bytes, mode: int) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    draft.replace(path)
