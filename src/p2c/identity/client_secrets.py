"""Client secrets: made at random, shown once, kept as scrypt hashes."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import scrypt

HINT_LENGTH = 3
_RANDOM_BYTES = 30
_SALT_BYTES = 16
_HASH_BYTES = 32
# 16 MiB and some 40 ms a check: enough for random secrets, and few enough that a token costs little.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
LONGEST = 256
"""Longer secrets are refused before they are hashed."""


def new_secret() -> str:
    """A new secret, 40 characters that need no escaping in a form or a URL."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def hashed(secret: str) -> str:
    """What is kept of a secret: `scrypt$cost$salt$hash`."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${_COST}${b64encode(salt).decode()}${b64encode(_derive(secret, salt, _COST)).decode()}"


def matches(secret: str, kept: str) -> bool:
    """Whether a secret is the one that was hashed; takes the same time for right and wrong ones."""
    if len(secret) > LONGEST:
        return False
    _, cost, salt, right = kept.split("$")
    return hmac.compare_digest(_derive(secret, b64decode(salt), int(cost)), b64decode(right))


def _derive(secret: str, salt: bytes, cost: int) -> bytes:
    return scrypt(secret.encode(), salt=salt, n=cost, r=_BLOCK, p=_PARALLEL, maxmem=64 * 1024 * 1024, dklen=_HASH_BYTES)
