"""When an expected value and a found one are the same, as the destination stores it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from p2c.edm.values import EdmType, Value
from p2c.integrator.engine.ends import LegEnds
from p2c.integrator.engine.references import key_references
from p2c.integrator.mapping.resolve import resolve_destination
from p2c.integrator.mapping.template import OPERATIONS, Leg

Plain: TypeAlias = "str | int | float | bool | None"
"""A value without its type: decimals, dates, times and GUIDs as text, blank as None."""

_NUMBERS = (EdmType.INT32, EdmType.INT64, EdmType.DECIMAL, EdmType.DOUBLE)
_FEWEST_PLACES = 2
"""Services that leave trailing zeros out still keep two decimal places."""
_NOON = "T12:00:00+00:00"
_DAY = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """
    How values of one destination field compare.

    `folds`: it names another row, by text without regard to case. `number`: decimal places beyond those that the
    destination keeps do not count. `of_operations`: an empty number is zero there, and a calendar day is its noon.
    """

    name: str
    folds: bool = False
    number: bool = False
    of_operations: bool = False

    def same(self, expected: Plain, found: Plain) -> bool:
        """Whether the destination holds what it should."""
        if expected == found:
            return True
        if self.folds:
            return str(expected or "").casefold() == str(found or "").casefold()
        if self.number:
            return self._same_number(expected, found)
        return self.of_operations and str(found).endswith(_NOON) and str(expected)[:_DAY] == str(found)[:_DAY]

    def _same_number(self, expected: Plain, found: Plain) -> bool:
        blank = Decimal(0) if self.of_operations else None
        wanted, there = (Decimal(str(value)) if value is not None else blank for value in (expected, found))
        if wanted is None or there is None:
            return wanted is there
        exponent = there.as_tuple().exponent
        places = max(-exponent if isinstance(exponent, int) else 0, _FEWEST_PLACES)
        return wanted.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) == there


def rules_of(leg: Leg, ends: LegEnds) -> tuple[FieldRule, ...]:
    """The rules of all fields that the leg fills, without those of the key: rows are found by them."""
    model, entity = ends.destination.model, ends.destination_entity
    naming = {item.field for item in key_references(entity, model, ends.compiled.fields)}
    rules = []
    for name in ends.compiled.fields:
        if name in ends.compiled.key:
            continue
        resolved = resolve_destination(name, entity, model)
        number = resolved.property.type in _NUMBERS and resolved.lookup is None
        names_a_row = resolved.lookup is not None or name in naming
        rules.append(FieldRule(name, names_a_row, number, leg.destination.environment == OPERATIONS))
    return tuple(rules)


def plain(value: Value) -> Plain:
    """A value that can be stored and compared: times to the second in UTC, empty text as None."""
    if value is None or value == "":
        return None
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def key_of(identity: Sequence[Value]) -> bytes:
    """What both sides have the same of one row, and other rows have not: text without regard to case."""
    return "\0".join(_key_part(value) for value in identity).encode("utf-8", "surrogatepass")


def _key_part(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(plain(value) if value is not None else "").casefold()
