"""CSV files as people have them: with and without byte order mark, with commas or semicolons, mended or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.wiring.loading.file import Line, read_csv, write_rejected


def a_file(directory: Path, text: str | bytes, name: str = "rows.csv") -> Path:
    """A file with this content."""
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    """Spreadsheet programs write one."""
    assert read_csv(a_file(tmp_path, "\ufeffname,city\nA,B\n")).columns == ("name", "city")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_header(tmp_path: Path, separator: str) -> None:
    """Programs of many countries write semicolons."""
    file = read_csv(a_file(tmp_path, f"name{separator}city\nŽluť{separator}Kiel\n"))
    assert file.lines == (Line(2, ("Žluť", "Kiel")),)


def test_lines_are_numbered_as_an_editor_shows_them(tmp_path: Path) -> None:
    """A quoted cell may span lines; empty lines count but are no records."""
    file = read_csv(a_file(tmp_path, 'name,note\nA,"two\nlines"\n\nB,x\n'))
    assert [line.number for line in file.lines] == [2, 5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name\nA\n\xff\n", "line 3: the file is not UTF-8"),
        (b"", "the file is empty"),
        (b"name,name\n", "'name' stands twice"),
        (b'"na" me"\nA\n', "line 1: no CSV"),
        (b"name\n" + b'"A\n' * 1002, "line 2: no CSV"),
    ],
    ids=["not UTF-8", "empty", "column twice", "broken header", "broken everywhere"],
)
def test_a_broken_file_is_refused_whole_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    """Nothing of it was read."""
    with pytest.raises(ConfigurationError, match=message):
        read_csv(a_file(tmp_path, content))


def test_a_quote_that_does_not_pair_breaks_its_own_line_only(tmp_path: Path) -> None:
    """What follows is read again from the next line on, also a cell over two lines."""
    text = 'name,note\nA,"open\nB,"two\nlines"\nC,"a" b\nD,x\nE,"end\n'
    lines = read_csv(a_file(tmp_path, text)).lines
    assert [(line.number, line.cells, bool(line.broken)) for line in lines] == [
        (2, ("A", '"open'), True),
        (3, ("B", "two\nlines"), False),
        (5, ("C", '"a" b'), True),
        (6, ("D", "x"), False),
        (7, ("E", '"end'), True),
    ]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    """Not by a traceback."""
    with pytest.raises(ConfigurationError, match=r"none\.csv"):
        read_csv(tmp_path / "none.csv")


def test_rejected_rows_are_written_with_code_field_and_reason_and_can_be_read_again(tmp_path: Path) -> None:
    """The columns of the source come first, in their order."""
    file = read_csv(a_file(tmp_path, "name;size\nA;x\nB;1\n"))
    path = write_rejected(file, [(file.lines[0], "WRONG-TYPE", "size", "'x' is no number")])
    assert path is not None
    assert path.name == "rows.rejected.csv"
    assert path.read_text() == "name;size;code;field;reason\nA;x;WRONG-TYPE;size;'x' is no number\n"
    again = read_csv(path)
    second = write_rejected(again, [(again.lines[0], "C", "f", "r")])
    assert second is not None
    assert second.read_text() == "name;size;code;field;reason\nA;x;C;f;r\n"


def test_a_load_without_rejected_rows_leaves_no_file_of_an_earlier_one(tmp_path: Path) -> None:
    """What lies there would be taken for the outcome of this load."""
    file = read_csv(a_file(tmp_path, "name\nA\n"))
    path = write_rejected(file, [(file.lines[0], "C", "", "r")])
    assert path is not None
    assert write_rejected(file, []) is None
    assert not path.exists()
