"""`p2c query`: the first rows of a task's advanced query, before any row moves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from p2c.cli.console import out, say, say_json, whole
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.tables import listing
from p2c.database.vault import Vault, open_vault
from p2c.edm.values import Row, Value
from p2c.errors import ConfigurationError
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.preview import Preview, preview
from p2c.integrator.personal import Sight
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.text import _, ngettext
from p2c.tracing import span
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""Show the first rows that the query of a task gives, with nothing written anywhere.

A query is SQL over the entity sets of the source's environment; its result stands in for the rows of the source.
--sql tries one from a file in the place of the task's own.

[b]Examples[/b]

  p2c query accounts

  p2c query accounts "Accounts - Customers" --limit 5

  p2c query accounts --sql accounts.sql --json
""")
_LONGEST_VALUE = 40
_ACROSS = 6
"""So many columns stand beside one another; more would leave no room for values."""


def query(
    project: Annotated[str, typer.Argument(help=_("Its name; `p2c projects` lists them."))],
    task: Annotated[str | None, typer.Argument(help=_("Otherwise the first that has a query."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many rows."))] = 20,
    sql: Annotated[
        Path | None, typer.Option("--sql", metavar="FILE", help=_("Try this query for the task's first leg."))
    ] = None,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Preview an advanced query."""
    own = settings(data)
    text = None if sql is None else _text(sql)
    with open_store(own) as store:
        follow_urls(store, own)
        chosen = store.project(project)
        found = asyncio.run(_preview(store, chosen, task, text, limit, open_vault(own.data)))
    sight = Sight(show_values)
    rows = [sight.row(row, found.personal) for row in found.rows]
    if as_json:
        say_json(
            {
                "project": found.project,
                "task": found.task,
                "leg": found.leg,
                "source": found.source,
                "columns": found.columns,
                "rows": rows,
                "more": found.more,
            }
        )
    else:
        _show(found, rows)


async def _preview(
    store: Store, project: Project, task: str | None, sql: str | None, limit: int, vault: Vault
) -> Preview:
    with span("query", {"p2c.project": project.name}):
        async with Environments(store, vault, attempts=1) as environments:
            return await preview(environments, project, task, sql, limit)


def _show(found: Preview, rows: Sequence[Row]) -> None:
    if len(found.columns) <= _ACROSS:
        table = listing(*found.columns)
        for row in rows:
            table.add_row(*(_cell(row[name]) for name in found.columns))
        out.print(table)
    else:
        for row in rows:
            _show_below(row)
    if found.more:
        count = len(found.rows)
        say(ngettext("The first row.", "The first {count} rows.", count).format(count=whole(count)))
    else:
        say(_("All rows."))


def _show_below(row: Row) -> None:
    """A row of many columns: those with a value, one below the other."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in row.items():
        if value not in (None, ""):
            table.add_row(Text(name, style="bold"), Text(str(value)))
    out.print(table)
    say()


def _cell(value: Value) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").rstrip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot be read ({error})", where=str(path), way_out="name a UTF-8 file with one SELECT"
        ) from error
