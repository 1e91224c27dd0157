"""Decodes pages of rows into typed values, and encodes values for requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Row
from p2c.errors import StopError

EMPTY_DATE = "1900-01-01"
_EMPTY = date.fromisoformat(EMPTY_DATE)
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


class MissingColumnsError(StopError):
    """A row comes without columns that were asked for."""


class RowDecoder:
    """Decodes pages of one entity with the given properties.

    What a row does not tell has no value, unless rows must be `complete`.
    """

    def __init__(self, entity: Entity, names: Sequence[str], *, complete: bool = False) -> None:
        self._names = tuple(dict.fromkeys(names))
        self._complete = complete
        fields: list[tuple[str, object, object]] = []
        rename: dict[str, str] = {}
        for name in self._names:
            item = entity.property[name]
            kind = item.type.python | None
            fields.append((name, kind | UnsetType, UNSET) if complete else (name, kind, None))
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
            MissingColumnsError: Rows must be complete, and one is not.
        """
        try:
            page = self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise StopError(f"a page does not fit the entity's metadata ({error})", where=self._where) from error
        rows: list[Row] = []
        deleted: list[str] = []
        for row in map(msgspec.structs.asdict, page.value):
            identifier, reason = row.pop("deleted__id"), row.pop("deleted__reason")
            if reason is not UNSET:
                deleted.append(str(identifier))
                continue
            if self._complete and (missing := [name for name in self._names if row[name] is UNSET]):
                raise MissingColumnsError(f"a row was told without {', '.join(missing)}", where=self._where)
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
