"""Decodes pages of rows into typed values, and encodes values for requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import astuple

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Row
from p2c.errors import StopError

EMPTY_DATE = "1900-01-01"
QUERY_LENGTH = 16_000
"""Characters of values in one URL; services take twice that for the whole."""
_Row = TypeVar("_Row", bound=Struct)


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


class RowDecoder:
    """Decodes pages of one entity with the given properties."""

    def __init__(self, entity: Entity, names: Sequence[str]) -> None:
        self._names = tuple(dict.fromkeys(names))
        fields: list[tuple[str, object, object]] = []
        rename: dict[str, str] = {}
        for name in self._names:
            item = entity.property[name]
            fields.append((name, item.type.python | None, None))
            if item.is_lookup:
                rename[name] = f"_{name}_value"
        fields.append(("deleted__id", str | UnsetType, UNSET))
        rename["deleted__id"] = "id"
        fields.append(("deleted__reason", str | UnsetType, UNSET))
        rename["deleted__reason"] = "reason"
        row = msgspec.defstruct(f"{entity.name}_read", cast(list[tuple[str, type, object]], fields), rename=rename)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(cast(Any, _Page)[row])
        self._instants = [name for name in self._names if entity.property[name].type is EdmType.DATETIME]
        self._where = entity.set_name

    def page(self, body: bytes) -> RowPage:
        """
        The rows of a response body.

        Raises:
            StopError: The body does not fit the entity's metadata.
        """
        try:
            page = self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise StopError(f"a page does not fit the entity's metadata ({error})", where=self._where) from error
        rows: list[Row] = []
        deleted: list[str] = []
        for item in page.value:
            if item.deleted__reason is not UNSET:
                deleted.append(str(item.deleted__id))
                continue
            # The fields of a deleted row come last: they are left over.
            rows.append(dict(zip(self._names, astuple(item), strict=False)))
        for row in rows:
            for name in self._instants:
                value = row[name]
                if value is not None and str(value)[:10] == EMPTY_DATE:
                    row[name] = None
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
