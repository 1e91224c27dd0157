"""DuckDB locked in: no files, no network, no extensions, no settings to change, bounded memory, disk and time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TypeVar

import duckdb

from p2c.errors import StopError
from p2c.integrator.mapping.resolve import UnresolvedError

SECONDS = 1800.0
"""How long one statement of a query may run."""
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # A table that is not there must not be taken from the variables of this program.
    "python_enable_replacements": "false",
    "memory_limit": "256MB",
    "max_temp_directory_size": "20GB",
    "threads": "2",
    # A division by zero is a missing value, which is judged row by row, and not the end of a run.
    "error_on_division_by_zero": "false",
    "ieee_floating_point_ops": "false",
}
_HEARD = 0.05
_LINE = re.compile(r"\n+LINE (?P<line>\d+): (?P<text>.*?)(?:\n|$)")
_Result = TypeVar("_Result")


@contextmanager
def scratch() -> Iterator[Path]:
    """
    A folder that only this user reads, gone afterwards.

    Raises:
        StopError: The disk does not take what is written.
    """
    try:
        with TemporaryDirectory(prefix="p2c-rows-") as folder:
            yield Path(folder)
    except OSError as error:
        raise StopError(
            f"rows cannot be put aside ({error.strerror or error})",
            where=gettempdir(),
            way_out="make room there, or name another folder in TMPDIR",
        ) from error


def open_sandbox(folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """
    A database in a file of `folder`, which may spill there; in memory without. Times are UTC.

    It reads files until it is locked: only statements of this package may run before.
    """
    if folder is None:
        connection = duckdb.connect(config=_SETTINGS)
    else:
        settings = {**_SETTINGS, "temp_directory": str(folder / "spill")}
        connection = duckdb.connect(str(folder / "query.duckdb"), config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """From now on it reaches nothing but its own tables, and nothing can change that."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


async def bounded(
    connection: duckdb.DuckDBPyConnection, work: Callable[[], _Result], seconds: float = SECONDS
) -> _Result:
    """
    Work of the connection in a thread; nothing of it goes on when this ends, however it ends.

    Raises:
        UnresolvedError: DuckDB refuses it, or it took longer than `seconds`.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.wait({working}, timeout=seconds)
        if working.done():
            return working.result()
    except duckdb.Error as error:
        raise told(error) from error
    else:
        raise UnresolvedError(
            f"the query took longer than {seconds:g} seconds", "join on keys, and filter before joining"
        )
    finally:
        while not working.done():
            # What has not begun cannot be interrupted: it is said until it is heard.
            connection.interrupt()
            await asyncio.wait({working}, timeout=_HEARD)
            if working.done():
                working.exception()


def told(error: duckdb.Error) -> UnresolvedError:
    """What DuckDB said, with the line of the query."""
    text = str(error)
    line = _LINE.search(text)
    said = " ".join((text[: line.start()] if line else text).split())
    place = f" (line {line['line']} of the query: {line['text'].strip()})" if line else ""
    return UnresolvedError(f"the query fails: {said}{place}", "mend it; `p2c query` tries it")
