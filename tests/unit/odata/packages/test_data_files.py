"""Data files of every format: what is written is read back, and broken files are told from broken rows."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.file_rows import MAX_VALUE, FileRow
from p2c.odata.packages.formats import DataFile, SourceFormat, read_rows, source_format

FIELDS = ("ID", "NAME")
_FORMATS = pytest.mark.parametrize("kind", SourceFormat)
# Line ends inside values are normalised by XML; lone surrogates and controls no file can hold.
_VALUE = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=20)
_ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, _VALUE)), max_size=5)


def stream(content: bytes) -> io.BufferedReader:
    """The content as a package gives it."""
    return io.BufferedReader(io.BytesIO(content))


def read(content: bytes, kind: SourceFormat) -> list[FileRow]:
    """All rows."""
    return list(read_rows(stream(content), kind))


@_FORMATS
@given(rows=_ROWS)
def test_what_is_written_is_read_back(kind: SourceFormat, rows: list[dict[str, str]]) -> None:
    target = io.BytesIO()
    DataFile(kind, "THINGENTITY", FIELDS).write(target, rows)
    found = read(target.getvalue(), kind)
    assert found == [FileRow(number, row) for number, row in enumerate(rows, 1)]


@_FORMATS
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: SourceFormat, content: bytes) -> None:
    try:
        read(content, kind)
    except PackageError as error:
        assert str(error)


def test_quotes_hold_commas_quotes_and_line_ends_together() -> None:
    content = b'id,name\r\n1,"a ""b"", c\r\nd"\r\n'
    assert read(content, SourceFormat.CSV) == [FileRow(1, {"ID": "1", "NAME": 'a "b", c\r\nd'})]


def test_a_row_with_another_number_of_values_is_a_broken_row_and_no_broken_file() -> None:
    found = read(b"id,name\r\n1,a,b\r\n2,c\r\n\r\n3\r\n", SourceFormat.CSV)
    assert [(row.number, bool(row.problem)) for row in found] == [(1, True), (2, False), (3, True)]
    assert "3 values, the header 2 columns" in found[0].problem


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", SourceFormat.CSV, "empty"),
        ("id\r\n1\r\n".encode("utf-16"), SourceFormat.CSV, "is Unicode"),
        (b"id\r\n1\r\n", SourceFormat.CSV_UNICODE, "is not Unicode"),
        (b"id\r\n\xff\r\n", SourceFormat.CSV, "not utf-8"),
        (b'id\r\n"a\r\n', SourceFormat.CSV, "no readable CSV"),
        (b"x" * (MAX_VALUE + 1), SourceFormat.CSV, "longer than"),
        (b"<Document><A>", SourceFormat.XML_ELEMENT, "no readable XML"),
        (b"<!DOCTYPE a><a/>", SourceFormat.XML_ELEMENT, "document types"),
        (b"<D><R><V>" + b"x" * (MAX_VALUE + 1), SourceFormat.XML_ELEMENT, "longer than"),
    ],
)
def test_a_broken_file_is_named(content: bytes, kind: SourceFormat, reason: str) -> None:
    with pytest.raises(PackageError, match=reason):
        read(content, kind)


def test_rows_before_a_broken_place_have_been_read() -> None:
    rows = read_rows(stream(b"<D><R><ID>1</ID></R>" + b" " * 70_000 + b"<R></D>"), SourceFormat.XML_ELEMENT)
    assert next(rows) == FileRow(1, {"ID": "1"})
    with pytest.raises(PackageError):
        next(rows)


def test_formats_are_known_by_name_in_any_case() -> None:
    assert source_format("xml-element") is SourceFormat.XML_ELEMENT
    with pytest.raises(PackageError, match="CSV"):
        source_format("CVS")


@pytest.mark.parametrize("kind", [SourceFormat.CSV, SourceFormat.XML_ELEMENT])
def test_a_long_file_is_read_in_little_memory(kind: SourceFormat) -> None:
    """What is held does not grow with the number of rows."""
    target = io.BytesIO()
    DataFile(kind, "THINGENTITY", FIELDS).write(target, ({"ID": str(n), "NAME": "x" * 50} for n in range(60_000)))
    target.seek(0)
    tracemalloc.start()
    count = sum(1 for _ in read_rows(io.BufferedReader(target), kind))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 2 * 1024 * 1024
