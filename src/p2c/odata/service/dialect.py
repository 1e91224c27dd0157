"""How one product speaks OData: what differs between Dataverse and Finance and Operations when rows are read."""

from __future__ import annotations

from dataclasses import dataclass

from p2c.edm.values import EdmType


@dataclass(frozen=True, slots=True)
class ReadStyle:
    """How rows look in JSON.

    `lookups` says whether lookups appear as `_x_value`; `blanks` whether empty text and dates are written as
    "" and 1900-01-01 instead of null; `select_key` whether the key is returned though not selected.
    """

    page_size: int
    lookups: bool
    blanks: bool
    select_key: bool
    wildcards: bool
    etag_text: bool


DATAVERSE = ReadStyle(
    page_size=5000, lookups=True, blanks=False, select_key=True, wildcards=False, etag_text=False
)
FNO = ReadStyle(page_size=10000, lookups=False, blanks=True, select_key=False, wildcards=True, etag_text=True)

INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
EMPTY_DATE = "1900-01-01T12:00:00Z"
BLANKS: dict[EdmType, object] = {
    EdmType.STRING: "",
    EdmType.ENUM: "",
    EdmType.INT32: 0,
    EdmType.INT64: 0,
    EdmType.DECIMAL: 0,
    EdmType.DOUBLE: 0,
}
