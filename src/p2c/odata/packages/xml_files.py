"""Data files in XML: a `Document` of rows, with values as elements or as attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.file_rows import MAX_VALUE, FileRow

_CHUNK = 64 * 1024
_ROW_DEPTH = 2
_ROOT = "Document"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A reader makes a line feed of a carriage return that is not written as a reference.
_REFERENCES = {"\r": "&#13;"}
_MARKUP = re.compile("[&<>\r]")


def writable(text: str) -> bool:
    """Whether XML 1.0 has a way to write the text: it has none for most control characters."""
    return _UNWRITABLE.search(text) is None


def read_xml(stream: IO[bytes], *, attributes: bool) -> Iterator[FileRow]:
    """
    The rows of an XML file in any encoding that it announces; the names of elements are taken in upper case.

    Raises:
        PackageError: The file is no XML, has a document type, or a value that is too long.
    """
    collector = _Collector(attributes)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from collector.taken()
        parser.Parse(b"", True)
        yield from collector.taken()
    except expat.ExpatError as error:
        raise PackageError(f"the file is no readable XML ({error})", way_out="mend it") from error


def write_xml(
    stream: IO[bytes],
    element: str,
    fields: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    *,
    attributes: bool,
) -> None:
    """Write rows as they come, in UTF-8; a field that a row does not have is left out of it."""
    stream.write(f'<?xml version="1.0" encoding="utf-8"?>\r\n<{_ROOT}>\r\n'.encode())
    for row in rows:
        values = [(field, _UNWRITABLE.sub("", row[field])) for field in fields if field in row]
        if attributes:
            inner = "".join(f" {field}={quoteattr(value)}" for field, value in values)
            line = f"<{element}{inner}/>\r\n"
        else:
            inner = "".join([f"<{field}>{_escaped(value)}</{field}>" for field, value in values])
            line = f"<{element}>{inner}</{element}>\r\n"
        stream.write(line.encode())
    stream.write(f"</{_ROOT}>\r\n".encode())


def _escaped(text: str) -> str:
    return escape(text, _REFERENCES) if _MARKUP.search(text) else text


class _Collector:
    """Gathers rows while the parser reads; holds no more than what one chunk completes."""

    def __init__(self, attributes: bool) -> None:
        self._attributes = attributes
        self._depth = 0
        self._number = 0
        self._values: dict[str, str] = {}
        self._text = ""
        self._done: list[FileRow] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins: a row on the second level, a value on the third."""
        self._depth += 1
        if self._depth == _ROW_DEPTH:
            self._values = {}
            if self._attributes:
                self._values = {_field(key): value for key, value in attributes.items()}
        elif self._depth == _ROW_DEPTH + 1:
            self._text = ""

    def end(self, name: str) -> None:
        """An element ends."""
        if self._depth == _ROW_DEPTH + 1 and not self._attributes:
            self._values[_field(name)] = self._text
        elif self._depth == _ROW_DEPTH:
            self._number += 1
            self._done.append(FileRow(self._number, self._values))
        self._depth -= 1

    def characters(self, text: str) -> None:
        """Text of a value; blanks between rows are nothing."""
        if self._depth == _ROW_DEPTH + 1:
            # The parser hands over what fits its buffer: nearly always all of it.
            self._text += text
            if len(self._text) > MAX_VALUE:
                raise PackageError(f"a value is longer than {MAX_VALUE} characters", way_out="shorten it")

    def taken(self) -> list[FileRow]:
        """The rows completed since the last time."""
        done, self._done = self._done, []
        return done


@lru_cache(maxsize=1024)
def _field(name: str) -> str:
    """The field that an element or attribute is for; every row repeats the names of the first."""
    return name.rpartition(":")[2].upper()


def _refuse_document_type(*_: object) -> None:
    raise PackageError("document types are not accepted", way_out="leave them out")
