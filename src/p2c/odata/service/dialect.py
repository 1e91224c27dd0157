"""How one product speaks OData: what differs between Dataverse and Finance and Operations when rows are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value


@dataclass(frozen=True, slots=True)
class ReadStyle:
    """How rows look in JSON.

    `lookups` says whether lookups appear as `_x_value`; `blanks` whether empty text and dates are written as
    "" and 1900-01-01 instead of null; `select_key` whether the key is returned though not selected; `max_url` is
    the longest URL in characters, `count_limit` the largest count that `$count=true` tells. With
    `lookup_types` each lookup to several entities is followed by `~<name>`, the entity that it points at. With
    `children` at most so many rows of a collection are expanded, and `~<collection>` tells where the next ones start.
    `tracks_shown` a row has changed too when another one has that it shows values of.
    """

    page_size: int
    max_url: int
    lookups: bool
    blanks: bool
    select_key: bool
    wildcards: bool
    etag_text: bool
    count_limit: int | None = None
    lookup_types: bool = False
    children: int | None = None
    tracks_shown: bool = False

    def blank(self, item: Property) -> Value:
        """What an empty value of a property is shown and compared as; None for null."""
        if not self.blanks:
            return None
        if item.type is EdmType.ENUM and item.choices is not None:
            return item.choices.members[0].name
        return _BLANKS.get(item.type)


DATAVERSE = ReadStyle(
    page_size=5000,
    max_url=32 * 1024,
    lookups=True,
    blanks=False,
    select_key=True,
    wildcards=False,
    etag_text=False,
    count_limit=5000,
)
FNO = ReadStyle(
    page_size=10000,
    max_url=64 * 1024,
    lookups=False,
    blanks=True,
    select_key=False,
    wildcards=True,
    etag_text=True,
    tracks_shown=True,
)

INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
EMPTY_DATE = datetime(1900, 1, 1, 12, tzinfo=UTC)
_BLANKS: Mapping[EdmType, Value] = {
    EdmType.STRING: "",
    EdmType.INT32: 0,
    EdmType.INT64: 0,
    EdmType.DECIMAL: Decimal(0),
    EdmType.DOUBLE: 0.0,
    EdmType.DATETIME: EMPTY_DATE,
}
