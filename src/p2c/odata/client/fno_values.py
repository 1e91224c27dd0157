"""Values as Finance and Operations takes them: it knows no nulls, and its files hold texts."""

from __future__ import annotations

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Row, Value
from p2c.odata.client.rows import EMPTY_DATE
from p2c.odata.query import literal

_EMPTY: dict[EdmType, Value] = {
    EdmType.STRING: "",
    EdmType.INT32: 0,
    EdmType.INT64: 0,
    EdmType.DECIMAL: 0,
    EdmType.DATETIME: f"{EMPTY_DATE}T00:00:00Z",
}


def without_nulls(entity: Entity, values: Row) -> Row:
    """Values with the empty value of its type for each that is to be emptied."""
    return {name: _EMPTY.get(entity.property[name].type) if value is None else value for name, value in values.items()}


def file_text(value: Value) -> str:
    """A value as data files have it: enum members by name, times in UTC, numbers with a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value if isinstance(value, str) else literal(value)
