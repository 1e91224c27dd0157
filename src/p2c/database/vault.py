"""Keeps secrets encrypted at rest: a key file that only this user can read, and values sealed with its keys.

AES-256-GCM. Each value is sealed for a purpose, which is authenticated with it: a sealed value copied to another
place does not open there.
"""

from __future__ import annotations

import binascii
import os
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from p2c.errors import ConfigurationError

FILE = "secrets.key"
_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BITS = 256
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Vault:
    """Seals and opens texts. The newest key seals; older ones still open what they sealed."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys` by name, oldest first."""
        self._keys = {name: AESGCM(key) for name, key in keys.items()}

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._keys)})"

    def seal(self, text: str, purpose: str) -> str:
        """The text encrypted: ASCII, different at every call."""
        name, key = list(self._keys.items())[-1]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, text.encode(), purpose.encode())
        return f"{_VERSION}.{name}.{urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """
        What was sealed for this purpose.

        Raises:
            ConfigurationError: The key is not in the key file, or the value was changed or sealed for another purpose.
        """
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        if version != _VERSION or name not in self._keys:
            raise ConfigurationError(
                f"a secret was sealed with key {name!r}, which is not in the key file",
                where=purpose,
                way_out=f"bring back the {FILE} that belongs to this database, or set the secret again",
            )
        try:
            data = urlsafe_b64decode(body)
            return self._keys[name].decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise ConfigurationError(
                "a sealed secret does not open: it was changed, or belongs elsewhere",
                where=purpose,
                way_out="set the secret again",
            ) from error


def open_vault(data: Path) -> Vault:
    """
    The vault of a data directory; its key file is made, readable by this user only, when there is none.

    A key a line, the newest last.

    Raises:
        ConfigurationError: The file cannot be read or written, holds no key, or others may read it.
    """
    path = data / FILE
    try:
        if not path.exists():
            data.mkdir(parents=True, exist_ok=True)
            _make(path)
        _check_private(path)
        lines = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot be read or written ({error})", where=str(path), way_out="give this user the file and its directory"
        ) from error
    keys = dict(_key(line, path) for line in lines)
    if not keys:
        raise ConfigurationError("has no key", where=str(path), way_out="bring back a copy of the file")
    return Vault(keys)


def _make(path: Path) -> None:
    """Make the file whole or not at all: when another process is first, its file stays."""
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(_line())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _line() -> str:
    return f"{secrets.token_hex(4)}:{urlsafe_b64encode(AESGCM.generate_key(_KEY_BITS)).decode()}\n"


def _key(line: str, path: Path) -> tuple[str, bytes]:
    name, _, body = line.partition(":")
    try:
        key = urlsafe_b64decode(body)
    except binascii.Error:
        key = b""
    if not name or len(key) * 8 != _KEY_BITS:
        raise ConfigurationError("has a line that is no key", where=str(path), way_out="bring back a copy of the file")
    return name, key


def _check_private(path: Path) -> None:
    if path.stat().st_mode & _OTHERS:
        raise ConfigurationError(
            "other users may read the key that secrets are encrypted with",
            where=str(path),
            way_out=f"run `chmod 600 {path}`",
        )
