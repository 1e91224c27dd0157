"""Types of the Entity Data Model in SQL, and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from duckdb.sqltypes import DuckDBPyType

from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.resolve import UnresolvedError

DECIMALS = 10
"""Digits after the point that a column of a table keeps: the most that Dataverse keeps."""

COLUMN_TYPES: Mapping[EdmType, str] = {
    EdmType.STRING: "VARCHAR",
    EdmType.ENUM: "VARCHAR",
    EdmType.BOOLEAN: "BOOLEAN",
    EdmType.INT32: "INTEGER",
    EdmType.INT64: "BIGINT",
    # Room for the product of two: 38 digits are the most there are.
    EdmType.DECIMAL: f"DECIMAL(28,{DECIMALS})",
    EdmType.DOUBLE: "DOUBLE",
    EdmType.DATE: "DATE",
    # Without a zone, and UTC by agreement: a plain column sorts, compares and truncates the same everywhere.
    EdmType.DATETIME: "TIMESTAMP",
    EdmType.GUID: "UUID",
}

_RESULTS: Mapping[str, EdmType] = {
    "varchar": EdmType.STRING,
    "enum": EdmType.STRING,
    "null": EdmType.STRING,
    "boolean": EdmType.BOOLEAN,
    **dict.fromkeys(("tinyint", "smallint", "integer", "utinyint", "usmallint"), EdmType.INT32),
    # The sum of whole numbers is a HUGEINT; one that is too large is refused with its row, by the field map.
    **dict.fromkeys(("bigint", "uinteger", "ubigint", "hugeint", "uhugeint"), EdmType.INT64),
    "decimal": EdmType.DECIMAL,
    **dict.fromkeys(("float", "double"), EdmType.DOUBLE),
    "date": EdmType.DATE,
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp with time zone"), EdmType.DATETIME),
    "uuid": EdmType.GUID,
}
"""What a column of a result is in rows."""


def result_type(name: str, type: DuckDBPyType) -> EdmType:
    """
    What a column of the result is in rows.

    Raises:
        UnresolvedError: A field cannot have this type.
    """
    if type.id not in _RESULTS:
        raise UnresolvedError(f"column {name!r} of the query is a {type}", "cast it, as in CAST(x AS VARCHAR)")
    return _RESULTS[type.id]


def _plain(value: Value) -> Value:
    """A decimal without needless zeros, as services write it."""
    if not isinstance(value, Decimal):
        return value
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def _aware(value: Value) -> Value:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _finite(value: Value) -> Value:
    """A number that JSON can carry; what is infinite, or none at all, is a missing value."""
    return value if isinstance(value, float) and math.isfinite(value) else None


FROM_RESULT: Mapping[EdmType, Callable[[Value], Value]] = {
    EdmType.DECIMAL: _plain,
    EdmType.DATETIME: _aware,
    EdmType.DOUBLE: _finite,
}
"""What makes a value of the result one of a row, for the types where they differ."""
