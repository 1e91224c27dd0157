"""The values that rows hold, and the primitive types of the Entity Data Model."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, DefaultContext, getcontext
from enum import Enum
from typing import TypeAlias
from uuid import UUID

import msgspec

Value: TypeAlias = "str | int | bool | float | Decimal | date | datetime | UUID | None"
Row: TypeAlias = "dict[str, Value]"


class EdmType(Enum):
    """Primitive types as OData 4 names them; ENUM values are member names of a choice set."""

    STRING = "Edm.String"
    BOOLEAN = "Edm.Boolean"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    DECIMAL = "Edm.Decimal"
    DOUBLE = "Edm.Double"
    DATE = "Edm.Date"
    DATETIME = "Edm.DateTimeOffset"
    GUID = "Edm.Guid"
    ENUM = "enum"

    @property
    def python(self) -> type:
        """The Python type that carries a value of this type."""
        return _PYTHON[self]

    def parse(self, text: str) -> Value:
        """
        The value that a text stands for.

        Raises:
            msgspec.ValidationError: It stands for none of this type.
        """
        value: Value = msgspec.convert(text, self.python, strict=False)
        return value


_PYTHON: dict[EdmType, type] = {
    EdmType.STRING: str,
    EdmType.BOOLEAN: bool,
    EdmType.INT32: int,
    EdmType.INT64: int,
    EdmType.DECIMAL: Decimal,
    EdmType.DOUBLE: float,
    EdmType.DATE: date,
    EdmType.DATETIME: datetime,
    EdmType.GUID: UUID,
    EdmType.ENUM: str,
}

LARGEST_DECIMAL = Decimal("922337203685477")
"""The largest amount that Dataverse keeps; no exact number is larger, on either side of zero."""

# The product of two such numbers has more digits than the default precision of 28, and rounding it would fail.
DefaultContext.prec = 60
getcontext().prec = 60

INT32_RANGE = (-(2**31), 2**31 - 1)
INT64_RANGE = (-(2**63), 2**63 - 1)
