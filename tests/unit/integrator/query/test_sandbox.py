"""What a query meets when it is run: no files, no settings, bounded time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import duckdb
import pytest

from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.query.sandbox import bounded, lock, open_sandbox

ENDLESS = "SELECT count(*) FROM range(1000000000000) AS a, range(1000) AS b WHERE a.range % 7 = b.range"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '99GB'",
        "SELECT * FROM folder_of_the_test",
    ],
)
def test_the_sandbox_holds_even_for_what_is_refused_before(sql: str, tmp_path: Path) -> None:
    folder_of_the_test = [(str(tmp_path),)]
    with open_sandbox(tmp_path) as sandbox:
        lock(sandbox)
        with pytest.raises(duckdb.Error):
            sandbox.execute(sql.format(folder=tmp_path))
    assert folder_of_the_test


def test_a_division_by_zero_is_a_missing_value() -> None:
    with open_sandbox() as sandbox:
        assert sandbox.execute("SELECT 1 / 0, 1.0 / 0, 0 / 0").fetchall() == [(None, None, None)]


@pytest.mark.anyio
async def test_work_that_takes_too_long_is_stopped_and_told() -> None:
    with open_sandbox() as sandbox:
        with pytest.raises(UnresolvedError, match=r"longer than 0\.05 seconds"):
            await bounded(sandbox, lambda: sandbox.execute(ENDLESS), seconds=0.05)
        assert sandbox.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.anyio
async def test_work_that_is_cancelled_does_not_go_on() -> None:
    with open_sandbox() as sandbox:
        working = asyncio.ensure_future(bounded(sandbox, lambda: sandbox.execute(ENDLESS)))
        await asyncio.sleep(0)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert sandbox.execute("SELECT 1").fetchall() == [(1,)]
