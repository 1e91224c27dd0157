"""Data files of comma separated values: a header of field names, double quotes around texts, CRLF."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.file_rows import MAX_VALUE, FileRow

_PEEK = 2


def read_csv(stream: io.BufferedReader, *, unicode: bool) -> Iterator[FileRow]:
    """
    The rows of a CSV file: UTF-8, or with `unicode` UTF-16 that begins with a byte order mark.

    Raises:
        PackageError: The file has another encoding, no header, or a line without an end.
    """
    marked = unicode_marked(stream)
    if marked is not unicode:
        found = "is Unicode; send format CSV-Unicode" if marked else "is not Unicode; send UTF-16 with a mark"
        raise PackageError(f"Selected file {found}")
    text = io.TextIOWrapper(stream, encoding="utf-16" if unicode else "utf-8-sig", newline="")
    try:
        yield from _rows(csv.reader(_lines(text), strict=True))
    except UnicodeDecodeError as error:
        raise PackageError(f"the file is not {error.encoding} ({error.reason})", way_out="save it again") from error
    except csv.Error as error:
        raise PackageError(f"the file is no readable CSV ({error})", way_out="mend its quotes") from error


def unicode_marked(stream: io.BufferedReader) -> bool:
    """Whether a file begins with the byte order mark of UTF-16; the stream stays where it is."""
    return stream.peek(_PEEK)[:_PEEK] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def write_csv(stream: IO[bytes], fields: Sequence[str], rows: Iterable[Mapping[str, str]], *, unicode: bool) -> None:
    """Write a header and rows; the stream stays open."""
    if unicode:
        stream.write(codecs.BOM_UTF16_LE)
    text = io.TextIOWrapper(stream, encoding="utf-16-le" if unicode else "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(fields)
    writer.writerows([row.get(field, "") for field in fields] for row in rows)
    text.flush()
    text.detach()


def _rows(reader: Iterator[list[str]]) -> Iterator[FileRow]:
    header = [name.strip().upper() for name in next(reader, [])]
    if not any(header):
        raise PackageError("the file is empty; its first row must have the names of the columns")
    number = 0
    for cells in reader:
        if not cells:
            continue
        number += 1
        problem = "" if len(cells) == len(header) else _miscounted(len(cells), len(header))
        yield FileRow(number, dict(zip(header, cells, strict=False)), problem)


def _miscounted(cells: int, columns: int) -> str:
    return f"the row has {cells} values, the header {columns} columns; put texts with commas into double quotes"


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: one endless line must not fill the memory."""
    while line := text.readline(MAX_VALUE):
        if len(line) == MAX_VALUE and not line.endswith("\n"):
            raise PackageError(f"a line is longer than {MAX_VALUE} characters", way_out="mend the line ends")
        yield line
