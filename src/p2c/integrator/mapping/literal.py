"""Values that a template spells out, turned into what a destination field holds."""

from __future__ import annotations

from decimal import Decimal

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.convert import converter
from p2c.integrator.mapping.transforms.dates import as_day, as_instant


def literal(value: Value, destination: Property) -> Value:
    """
    The value as the destination holds it: numbers may stand for text, and ISO 8601 texts for dates.

    Raises:
        Refused: If the field cannot hold it.
    """
    return converter(destination)(_spelled(value, destination.type))


def _spelled(value: Value, type: EdmType) -> Value:
    if isinstance(value, str) and type is EdmType.DATE:
        return as_day(value)
    if isinstance(value, str) and type is EdmType.DATETIME:
        return as_instant(value)
    if type in (EdmType.STRING, EdmType.ENUM) and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return value
