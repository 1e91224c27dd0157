"""Reads back which rows an import did not bring, from the files that data management makes of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TypeAlias

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.odata.client.fno_values import file_text
from p2c.odata.packages.csv_files import read_csv, unicode_marked
from p2c.odata.packages.xml_files import read_xml

Identity: TypeAlias = "tuple[str, ...]"


def identity(entity: Entity, key: Row) -> Identity:
    """What tells rows of a company apart; this product does not tell large letters from small ones."""
    return tuple(_part(key[name]) for name in key_columns(entity))


def key_columns(entity: Entity) -> Sequence[str]:
    """The key without the company."""
    return [name for name in entity.key if name != entity.company_property]


def refused_rows(entity: Entity, file: bytes) -> set[Identity]:
    """
    The rows that a file of refused rows, or of their keys, names; in CSV of either encoding, or XML.

    Raises:
        PackageError: It is neither.
    """
    columns = [name.upper() for name in key_columns(entity)]
    stream: io.BufferedReader = io.BufferedReader(io.BytesIO(file))
    if file.lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"<":
        rows = read_xml(stream, attributes=False)
    else:
        rows = read_csv(stream, unicode=unicode_marked(stream))
    return {tuple(_part(row.values.get(column, "")) for column in columns) for row in rows}


def _part(value: Value) -> str:
    return file_text(value).casefold()
