"""The pages that `make bench` writes: each part has its own, and the first one names them all."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accounts import PAGE, PARTS


def test_the_first_page_names_the_pages_of_the_parts_and_keeps_them_when_it_is_written() -> None:
    assert PARTS in PAGE.read_text("utf-8")
    assert [part.name for part in PAGE.parent.glob("benchmarks-*.md") if f"({part.name})" not in PARTS] == []


def test_every_measurement_of_make_bench_is_written() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    measured = [line for line in makefile.splitlines() if "python -m benchmarks." in line]
    assert len(measured) == 4
    assert [line for line in measured if "--write" not in line] == []
