"""The texts of annotations as JSON, from values as JSON; the same value is written once for many rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.odata.service.dataverse.annotations.formats import day_text, moment_text, money_text, number_text


@lru_cache(maxsize=4096)
def number_json(raw: bytes, scale: int, language: str) -> bytes:
    """A number as people read it."""
    return text_json(number_text(Decimal(raw.decode()), scale, language))


@lru_cache(maxsize=4096)
def amount_json(raw: bytes, symbol: str, scale: int, language: str) -> bytes:
    """An amount with its currency."""
    return text_json(money_text(Decimal(raw.decode()), symbol, scale, language))


@lru_cache(maxsize=4096)
def moment_json(raw: bytes, language: str) -> bytes:
    """A date with its time."""
    return text_json(moment_text(datetime.fromisoformat(plain(raw)), language))


@lru_cache(maxsize=4096)
def day_json(raw: bytes, language: str) -> bytes:
    """A date."""
    return text_json(day_text(date.fromisoformat(plain(raw)), language))


def choice_json(item: Property, value: int, name: str) -> bytes:
    """A choice as it stands in JSON."""
    if item.type is EdmType.ENUM:
        return msgspec.json.encode(name)
    if item.type is EdmType.BOOLEAN:
        return b"true" if value else b"false"
    return str(value).encode()


def member_json(name: str) -> bytes:
    """The name of a member and its colon."""
    return msgspec.json.encode(name) + b":"


def text_json(text: str) -> bytes:
    """A text."""
    return msgspec.json.encode(text)


def plain(raw: bytes) -> str:
    """A JSON text of characters that are never escaped: GUIDs, numbers, dates, names of entities."""
    return raw.decode().strip('"')
