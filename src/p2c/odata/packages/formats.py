"""The formats of data files, by the names that manifests give them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO

from p2c.errors import nearest
from p2c.odata.packages.csv_files import read_csv, write_csv
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.file_rows import FileRow
from p2c.odata.packages.xml_files import read_xml, write_xml


class SourceFormat(Enum):
    """A format; the value is its name in manifests and projects."""

    CSV = "CSV"
    CSV_UNICODE = "CSV-Unicode"
    XML_ELEMENT = "XML-Element"
    XML_ATTRIBUTE = "XML-Attribute"

    @property
    def extension(self) -> str:
        """The ending of file names."""
        return ".csv" if self in (SourceFormat.CSV, SourceFormat.CSV_UNICODE) else ".xml"


def source_format(name: str) -> SourceFormat:
    """
    The format with a name, in any case of letters.

    Raises:
        PackageError: The environment does not know it.
    """
    for item in SourceFormat:
        if item.value.lower() == name.strip().lower():
            return item
    hint = nearest(name, [item.value for item in SourceFormat])
    raise PackageError(f"the source data format {name!r} is not set up here; {hint}")


def read_rows(stream: io.BufferedReader, kind: SourceFormat) -> Iterator[FileRow]:
    """
    The rows of a data file, one at a time, whatever its length.

    Raises:
        PackageError: The file is not of that format; rows read before stand.
    """
    if kind is SourceFormat.CSV:
        return read_csv(stream, unicode=False)
    if kind is SourceFormat.CSV_UNICODE:
        return read_csv(stream, unicode=True)
    return read_xml(stream, attributes=kind is SourceFormat.XML_ATTRIBUTE)


@dataclass(frozen=True, slots=True)
class DataFile:
    """How an entity's rows are written: `fields` in upper case, `element` names a row in XML."""

    kind: SourceFormat
    element: str
    fields: Sequence[str]

    def write(self, stream: IO[bytes], rows: Iterable[Mapping[str, str]]) -> None:
        """Write rows (texts by field) as they come."""
        if self.kind is SourceFormat.CSV:
            write_csv(stream, self.fields, rows, unicode=False)
        elif self.kind is SourceFormat.CSV_UNICODE:
            write_csv(stream, self.fields, rows, unicode=True)
        else:
            write_xml(stream, self.element, self.fields, rows, attributes=self.kind is SourceFormat.XML_ATTRIBUTE)
