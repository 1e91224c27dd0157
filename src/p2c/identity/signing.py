"""Signing keys: RSA pairs with an id; the private part is kept sealed, the public part is published as a JWK."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from p2c.errors import ConfigurationError

ALGORITHM = "RS256"
_BITS = 2048
_EXPONENT = 65537


class Jwk(msgspec.Struct, frozen=True, omit_defaults=False):
    """A public key as RFC 7517 writes it."""

    kid: str
    n: str
    e: str
    kty: str = "RSA"
    use: str = "sig"
    alg: str = ALGORITHM


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What others need to check a token: PEM, and when the key stopped to sign (None: it signs)."""

    kid: str
    pem: str
    retired_at: datetime | None = None

    def jwk(self) -> Jwk:
        """The key as it is published."""
        key = load_pem_public_key(self.pem.encode())
        if not isinstance(key, RSAPublicKey):
            raise ConfigurationError("is no RSA key", where=f"signing key {self.kid}", way_out="rotate the keys")
        numbers = key.public_numbers()
        return Jwk(self.kid, _number(numbers.n), _number(numbers.e))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A pair that signs; the private part as PEM, never shown."""

    public: PublicKey
    private_pem: str = field(repr=False)

    def private(self) -> RSAPrivateKey:
        """The private part, loaded."""
        key = load_pem_private_key(self.private_pem.encode(), None)
        if not isinstance(key, RSAPrivateKey):
            raise ConfigurationError("is no RSA key", where=f"signing key {self.public.kid}", way_out="rotate the keys")
        return key


def new_signing_key() -> SigningKey:
    """A new pair; its id is a digest of the public part."""
    pair = generate_private_key(_EXPONENT, _BITS)
    public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kid = urlsafe_b64encode(sha256(public).digest()[:20]).decode().rstrip("=")
    return SigningKey(PublicKey(kid, public.decode()), private.decode())


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).decode().rstrip("=")
