"""Words to declare the columns of a table with: Operations has no nulls, so each has an empty value."""

from __future__ import annotations

from decimal import Decimal

from p2c.edm.declare import decimal, enum, money, text, whole
from p2c.edm.entity import surrogate
from p2c.edm.property import Choices, Property, Required
from p2c.edm.values import EdmType
from p2c.operations.enums import NO_YES

RECORD_ID = "RecId"
NEEDED = Required.SYSTEM

QUANTITY_SCALE = 6


def record_id() -> Property:
    """The surrogate key that the database counts; no data entity shows it."""
    return surrogate(RECORD_ID, EdmType.INT64)


def string(
    name: str,
    max_length: int | None,
    label: str,
    *,
    required: Required = Required.NONE,
    read_only: bool = False,
) -> Property:
    """Text, "" when nothing is known."""
    default = None if required.mandatory else ""
    return text(name, max_length, label, required=required, read_only=read_only, default=default)


def count(
    name: str, label: str, *, default: int = 0, required: Required = Required.NONE, read_only: bool = False
) -> Property:
    """A whole number of 32 bits."""
    start = None if required.mandatory else default
    return whole(name, label, required=required, read_only=read_only, default=start)


def number(
    name: str,
    label: str,
    *,
    scale: int = QUANTITY_SCALE,
    default: Decimal | None = Decimal(0),
    required: Required = Required.NONE,
    read_only: bool = False,
) -> Property:
    """A quantity, price, percentage or factor; with `default` None the rules tell "not given" from nought."""
    start = None if required.mandatory else default
    return decimal(name, label, scale=scale, required=required, read_only=read_only, default=start)


def amount(name: str, label: str, *, default: Decimal | None = Decimal(0), read_only: bool = False) -> Property:
    """An amount of money, rounded to its currency by the rules; `default` as for a number."""
    return money(name, label, read_only=read_only, default=default)


def flag(name: str, label: str, *, default: str = "No", read_only: bool = False) -> Property:
    """No or Yes, sent by name."""
    return enum(name, label, NO_YES, default=default, read_only=read_only)


def member(
    name: str,
    label: str,
    choices: Choices,
    *,
    required: Required = Required.NONE,
    default: str = "",
    read_only: bool = False,
) -> Property:
    """A member of an enum, the first one when nothing is known."""
    start = None if required.mandatory else default or choices.names[0]
    return enum(name, label, choices, required=required, default=start, read_only=read_only)
