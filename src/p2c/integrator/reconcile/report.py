"""Writes findings to a file, a line each, a different row a line a field."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeAlias

import msgspec

from p2c.errors import ConfigurationError, StopError
from p2c.integrator.engine.comparing import Plain
from p2c.integrator.personal import Sight
from p2c.integrator.reconcile.finding import Finding, LegComparison

COLUMNS = (
    *("project", "task", "leg", "company", "finding", "key", "source_id"),
    *("field", "expected", "found", "code", "reason"),
)
Line: TypeAlias = dict[str, Plain]
Write: TypeAlias = Callable[[LegComparison, Finding], None]


@contextmanager
def open_report(path: Path, sight: Sight) -> Iterator[Write]:
    """
    A report in CSV or JSON Lines, as the file's name ends; what stands there is replaced.

    Raises:
        ConfigurationError: The name ends otherwise, or the file cannot be written.
        StopError: The disk is full.
    """
    if path.suffix not in _WRITERS:
        raise ConfigurationError(
            f"a report ends in {' or '.join(_WRITERS)}", where=str(path), way_out="give it another name"
        )
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigurationError(f"cannot be written ({error.strerror or error})", where=str(path)) from error
    try:
        with file:
            put = _WRITERS[path.suffix](file)

            def write(comparison: LegComparison, finding: Finding) -> None:
                for line in lines(comparison, finding, sight):
                    put(line)

            yield write
    except OSError as error:
        raise StopError(f"cannot be written ({error.strerror or error})", where=str(path)) from error


def lines(comparison: LegComparison, finding: Finding, sight: Sight) -> Iterator[Line]:
    """The lines of a finding: values by `COLUMNS`."""
    row: Line = {
        **comparison.leg._asdict(),
        "company": finding.company,
        "finding": finding.kind.value,
        "key": finding.key,
        "source_id": finding.source_id,
        "field": finding.field,
        "expected": sight.value(finding.field, finding.value) or None,
        "found": None,
        "code": finding.code,
        "reason": sight.words(finding.reason, {finding.field: finding.value}),
    }
    if not finding.differences:
        yield row
    for item in finding.differences:
        values = {"expected": sight.value(item.field, item.expected), "found": sight.value(item.field, item.found)}
        yield {**row, "field": item.field, **values}


def _csv(file: TextIO) -> Callable[[Mapping[str, Plain]], object]:
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    return writer.writerow


def _json_lines(file: TextIO) -> Callable[[Mapping[str, Plain]], object]:
    encode = msgspec.json.Encoder().encode
    return lambda line: file.write(encode(line).decode() + "\n")


_WRITERS: Mapping[str, Callable[[TextIO], Callable[[Mapping[str, Plain]], object]]] = {
    ".csv": _csv,
    ".jsonl": _json_lines,
}
