"""A CSV file as lines with their numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from p2c.errors import ConfigurationError

REJECTED_COLUMNS = ("code", "field", "reason")
"""What a file of rejected rows has beside the columns of its source."""
_REJECTED = ".rejected"
_SEPARATORS = ",;\t|"
_MOST_BROKEN = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One record; `number` is the line of the file it begins on, the header being line 1. Where quotes do not pair,
    `broken` says how, and the cells are what stands between separators."""

    number: int
    cells: tuple[str, ...]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that was read whole: its columns, its records, and the separator of its cells."""

    path: Path
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    separator: str


def read_csv(path: Path) -> CsvFile:
    """
    Read UTF-8, with or without a byte order mark; the separator is the one that the header uses most.

    Raises:
        ConfigurationError: The file cannot be read, is not UTF-8, has no sound header, names a column twice, or has
            quotes that do not pair on more than a thousand lines.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            "the file is not UTF-8", where=f"{path}, line {line}", way_out="save it as UTF-8"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"cannot be read ({error.strerror})", where=str(path)) from error
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    lines = list(_records(text, separator))
    if not lines:
        raise ConfigurationError("the file is empty", where=str(path), way_out="its first line names the columns")
    broken = [line for line in lines if line.broken]
    if lines[0].broken or len(broken) > _MOST_BROKEN:
        raise ConfigurationError(
            f"no CSV: {broken[0].broken}", where=f"{path}, line {broken[0].number}", way_out="mend the quotes"
        )
    columns = tuple(cell.strip() for cell in lines[0].cells)
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ConfigurationError(
            f"column {twice[0]!r} stands twice", where=f"{path}, line 1", way_out="rename one of the two"
        )
    return CsvFile(path, columns, tuple(lines[1:]), separator)


def _records(text: str, separator: str) -> Iterator[Line]:
    """The records; behind a line whose quotes do not pair, reading starts again on the next line.

    It ends early when there are more of those than anybody would mend one by one.
    """
    written = list(io.StringIO(text, newline=""))
    start = broken = 0
    while start < len(written) and broken <= _MOST_BROKEN:
        reader = csv.reader(islice(written, start, None), delimiter=separator, strict=True)
        begins = start
        try:
            for cells in reader:
                if cells:
                    yield Line(begins + 1, tuple(cells))
                begins = start + reader.line_num
            return
        except csv.Error as error:
            yield Line(begins + 1, tuple(written[begins].rstrip("\r\n").split(separator)), str(error))
            start, broken = begins + 1, broken + 1


def rejected_path(path: Path) -> Path:
    """Where the rejected rows of a file go: `customers.csv` has them in `customers.rejected.csv`."""
    return path.with_suffix(f"{_REJECTED}{path.suffix}")


def is_rejected_file(path: Path) -> bool:
    """Whether the file was written for rejected rows, which may be mended and loaded again."""
    return path.stem.endswith(_REJECTED)


def write_rejected(file: CsvFile, rejected: Sequence[tuple[Line, str, str, str]]) -> Path | None:
    """Write rejected lines (line, code, field, reason) beside the file; None when there are none.

    A file of an earlier load is replaced, or removed when nothing was rejected.
    """
    path = rejected_path(file.path)
    if not rejected:
        path.unlink(missing_ok=True)
        return None
    own = [place for place, column in enumerate(file.columns) if not _added(file, column)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=file.separator, lineterminator="\n")
        writer.writerow([*(file.columns[place] for place in own), *REJECTED_COLUMNS])
        for line, *why in rejected:
            cells = [line.cells[place] if place < len(line.cells) else "" for place in own]
            writer.writerow([*cells, *why])
    return path


def _added(file: CsvFile, column: str) -> bool:
    return is_rejected_file(file.path) and column in REJECTED_COLUMNS
