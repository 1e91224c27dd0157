"""Decodes pages of rows into typed values, and encodes values for requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypedDict, TypeVar, cast

import msgspec
from msgspec import Struct

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Row
from p2c.errors import StopError

EMPTY_DATE = "1900-01-01"
_EMPTY = date.fromisoformat(EMPTY_DATE)
QUERY_LENGTH = 16_000
"""Characters of values in one URL; services take twice that for the whole."""
_Row = TypeVar("_Row")
_REASON, _ID = "reason", "id"
"""What a row that was deleted comes with instead of properties."""


class _Page(Struct, Generic[_Row]):
    value: list[_Row]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of rows by property name (lookups hold the id), the ids of deleted rows, and how to go on."""

    rows: list[Row]
    deleted: list[str]
    next_link: str | None
    delta_link: str | None


class MissingColumnsError(StopError):
    """A row comes without columns that were asked for."""


class RowDecoder:
    """Decodes pages of one entity with the given properties; rows have all of them, in any order.

    What a row does not tell has no value, unless rows must be `complete`.
    """

    def __init__(self, entity: Entity, names: Sequence[str], *, complete: bool = False) -> None:
        self._complete = complete
        properties = [entity.property[name] for name in dict.fromkeys(names)]
        self._wire = {item.name: f"_{item.name}_value" if item.is_lookup else item.name for item in properties}
        self._renamed = [(wire, name) for name, wire in self._wire.items() if wire != name]
        self._key = self._wire.get(entity.key[0], entity.key[0])
        kinds: dict[str, Any] = {self._wire[item.name]: item.type.python | None for item in properties}
        # Straight into dictionaries: objects of a class of their own would have to be copied into some.
        row = TypedDict("row", {_ID: str, _REASON: str, **kinds}, total=False)  # type: ignore[misc]
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(cast(Any, _Page)[row])
        self._instants = [item.name for item in properties if item.type is EdmType.DATETIME]
        self._where = entity.set_name

    def page(self, body: bytes) -> RowPage:
        """
        The rows of a response body.

        Raises:
            StopError: The body does not fit the entity's metadata.
            MissingColumnsError: Rows must be complete, and one is not.
        """
        try:
            page = self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise StopError(f"a page does not fit the entity's metadata ({error})", where=self._where) from error
        rows: list[Row] = []
        deleted: list[str] = []
        for row in page.value:
            if len(row) == len(self._wire) and _ID not in row:
                for wire, name in self._renamed:
                    row[name] = row.pop(wire)
            elif _REASON in row and self._key not in row:
                deleted.append(row.get(_ID, ""))
                continue
            elif self._complete and (missing := [name for name, wire in self._wire.items() if wire not in row]):
                raise MissingColumnsError(f"a row was told without {', '.join(missing)}", where=self._where)
            else:
                # What a row does not tell has no value.
                row = {name: row.get(wire) for name, wire in self._wire.items()}
            for name in self._instants:
                value = row[name]
                if value is not None and value.date() == _EMPTY:
                    row[name] = None
            rows.append(row)
        return RowPage(rows, deleted, page.next_link, page.delta_link)


_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(value: object) -> bytes:
    """JSON for a request: decimals as exact numbers, times with Z."""
    return _encoder.encode(value)


def portions(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """Parts of a query, at most so many together and no more than a URL holds; a longer one stands alone."""
    part: list[str] = []
    length = 0
    for text in texts:
        if part and (len(part) == most or length + len(text) > QUERY_LENGTH):
            yield part
            part, length = [], 0
        part.append(text)
        length += len(text)
    if part:
        yield part
